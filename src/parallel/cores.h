// SPDX-License-Identifier: MIT
// How many cores there are, and how many of them this process may use: usable_cores() in parallel/thread_team.h.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "io/resource_limits.h"

namespace microgpt {

// What this machine has, whoever uses it.
std::size_t machine_cores();

// The cores that this thread may run on, a bit each: as many words in all processes of a machine, however many cores it has.
// Empty where the system does not say.
using AffinityMask = std::vector<unsigned long>;
AffinityMask affinity_mask();

// REQUIRES: masks of one machine.
bool share_a_core(std::span<const unsigned long> a, std::span<const unsigned long> b);

// The least that the control groups of this process (io/resource_limits.h) may use, in cores' time: 1.5 is three quarters of
// two; nothing where they may use any amount or where there are none. It is the quota of a period in cpu.max, or of the first
// version of the interface in cpu.cfs_quota_us and cpu.cfs_period_us.
std::optional<double> control_group_cores(const std::string& process_groups = kProcessGroups,
                                          const std::string& root = kControlGroupsRoot);

// As many threads as there are cores for this process, or the most that a team has. No batch is computed more slowly by them:
// one that is a single shard of a small model is computed by one of them (engine/fast/shards.h), and the others, which have
// nothing to do then, give up their cores. Where `processes` share the cores, each gets its share of them.
std::size_t default_threads(std::size_t processes = 1);

}  // namespace microgpt
