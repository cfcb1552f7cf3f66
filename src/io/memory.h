// How much memory there is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace microgpt {

// In bytes; what this machine has, whoever uses it.
std::uint64_t physical_memory();

// The least that the control groups of this process, such as those of a container, may use; nothing where they may use any
// amount or where there are none. Both versions of the interface count: a line `0::PATH` of `process_groups` names a folder
// under `root` with a memory.max, a line `N:...memory...:PATH` one under `root`/memory with a memory.limit_in_bytes, and the
// limits of the folders above hold, too. A container may see its own folder as the root, and not at its path.
// Source: Linux, Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst.
std::optional<std::uint64_t> control_group_memory(const std::string& process_groups = "/proc/self/cgroup",
                                                  const std::string& root = "/sys/fs/cgroup");

// What this process may use: the lesser of the two. More than that, and the system may kill it.
std::uint64_t usable_memory();

// "15.6 GiB", for messages.
std::string describe_memory(double bytes);

}  // namespace microgpt
