// SPDX-License-Identifier: MIT
// A web page's worker is one thread.
#include "parallel/cores.h"
#include "parallel/thread_team.h"

namespace microgpt {

std::size_t machine_cores() { return 1; }

AffinityMask affinity_mask() { return {}; }

bool share_a_core(std::span<const unsigned long>, std::span<const unsigned long>) { return false; }

std::optional<double> control_group_cores(const std::string&, const std::string&) { return std::nullopt; }

std::size_t usable_cores() { return 1; }

std::size_t default_threads(std::size_t) { return 1; }

}  // namespace microgpt
