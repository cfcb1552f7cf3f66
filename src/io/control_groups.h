// SPDX-License-Identifier: MIT
// The control groups of a process, such as those of a container: the folders in which the system keeps their limits.
//
// Both versions of the interface count: a line `0::PATH` of the file of the process's groups names a folder under the root, a
// line `N:...CONTROLLER...:PATH` one under `root`/CONTROLLER, and the limits of the folders above hold, too. A container may
// see its own folder as the root, and not at its path: folders need not exist. Source: Linux,
// Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/cgroups.rst.
#pragma once

#include <filesystem>
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

}  // namespace microgpt
