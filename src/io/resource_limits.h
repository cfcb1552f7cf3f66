// SPDX-License-Identifier: MIT
// How much memory there is, and the control groups of a process, such as those of a container, with their limits.
//
// Of control groups // Both versions of the interface count: a line `0::PATH` of the file of the process's groups names a
// folder under the root, a line `N:...CONTROLLER...:PATH` one under `root`/CONTROLLER, and the limits of the folders above
// hold, too. A container may see its own folder as the root, and not at its path: folders need not exist. Source: Linux,
// Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/cgroups.rst.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace microgpt {

inline constexpr const char* kProcessGroups = "/proc/self/cgroup";
inline constexpr const char* kControlGroupsRoot = "/sys/fs/cgroup";

struct ControlGroupFolder {
  std::filesystem::path path;
  int version;  // of the interface, 1 or 2: the files have other names
};

// All that may limit the process in what `controller` ("memory", "cpu") controls.
std::vector<ControlGroupFolder> control_group_folders(std::string_view controller, const std::string& process_groups,
                                                      const std::string& root);

// In bytes; what this machine has, whoever uses it.
std::uint64_t physical_memory();

// The least that the control groups of this process may use; nothing where they may use any amount or where
// there are none. The limits are those in memory.max, or of the first version of the interface in memory.limit_in_bytes.
std::optional<std::uint64_t> control_group_memory(const std::string& process_groups = kProcessGroups,
                                                  const std::string& root = kControlGroupsRoot);

// The lesser of the two, which all processes share that run here. More than that, and the system may kill them.
std::uint64_t machine_memory();

// How much this process may map (RLIMIT_AS, which `ulimit -v` and batch systems set); nothing where that is any amount.
std::optional<std::uint64_t> address_space_limit();

// What this process may use: the least of all.
std::uint64_t usable_memory();

// Gives back to the system what was freed and the allocator keeps for later: for the moment after work that took much memory in
// small pieces and before work that takes it otherwise. Does nothing where the C library does not offer it.
void return_freed_memory();

// Keeps what is freed in pieces of up to some megabytes, as what batches need is freed and asked for again each time: to get it
// from the system takes a fifth of the time of scoring. To be called first by a program, which alone may say how it takes
// memory; the library does not. Does nothing where the C library does not offer it.
void keep_freed_memory();

// "15.6 GiB", for messages.
std::string describe_memory(double bytes);

}  // namespace microgpt
