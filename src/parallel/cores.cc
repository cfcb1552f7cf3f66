// SPDX-License-Identifier: MIT
#include "parallel/cores.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <fstream>
#include <functional>
#include <numeric>

#include "parallel/thread_team.h"

namespace microgpt {
namespace {

std::optional<double> cores_of(double quota, double period) {
  return quota > 0.0 && period > 0.0 ? std::optional(quota / period) : std::nullopt;
}

// Files that are not there, a quota of "max" and one of -1 set no limit.
std::optional<double> limit_in(const ControlGroupFolder& folder) {
  double quota = 0.0;
  double period = 0.0;
  if (folder.version == 2) {
    std::ifstream both(folder.path / "cpu.max");
    return both >> quota >> period ? cores_of(quota, period) : std::nullopt;
  }
  std::ifstream quota_file(folder.path / "cpu.cfs_quota_us");
  std::ifstream period_file(folder.path / "cpu.cfs_period_us");
  return quota_file >> quota && period_file >> period ? cores_of(quota, period) : std::nullopt;
}

std::size_t cores_of_mask() {
  const AffinityMask mask = affinity_mask();
  if (mask.empty()) return machine_cores();
  return std::transform_reduce(mask.begin(), mask.end(), std::size_t{0}, std::plus(),
                               [](unsigned long word) { return static_cast<std::size_t>(std::popcount(word)); });
}

}  // namespace

AffinityMask affinity_mask() {
  constexpr std::size_t kMaxBytes = std::size_t{1} << 20;
  for (std::size_t bytes = sizeof(cpu_set_t); bytes <= kMaxBytes; bytes *= 2) {
    AffinityMask mask(bytes / sizeof(unsigned long));
    if (sched_getaffinity(0, bytes, reinterpret_cast<cpu_set_t*>(mask.data())) == 0) return mask;
    if (errno != EINVAL) break;  // which says that the machine has more cores than that
  }
  return {};
}

bool share_a_core(std::span<const unsigned long> a, std::span<const unsigned long> b) {
  return std::transform_reduce(a.begin(), a.end(), b.begin(), false, std::logical_or(),
                               [](unsigned long x, unsigned long y) { return (x & y) != 0; });
}

std::size_t machine_cores() { return static_cast<std::size_t>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN))); }

std::optional<double> control_group_cores(const std::string& process_groups, const std::string& root) {
  std::optional<double> least;
  for (const ControlGroupFolder& folder : control_group_folders("cpu", process_groups, root))
    if (const auto limit = limit_in(folder)) least = std::min(*limit, least.value_or(*limit));
  return least;
}

// Of a share of a core nothing is left: a thread more would use up the quota before the others are done, and all would wait.
std::size_t usable_cores() {
  const std::size_t cores = std::max<std::size_t>(1, std::min(machine_cores(), cores_of_mask()));
  const double quota = control_group_cores().value_or(static_cast<double>(cores));
  return quota >= static_cast<double>(cores) ? cores : std::max<std::size_t>(1, static_cast<std::size_t>(quota));
}

std::size_t default_threads(std::size_t processes) {
  return std::clamp<std::size_t>(usable_cores() / processes, 1, ThreadTeam::kMaxThreads);
}

}  // namespace microgpt
