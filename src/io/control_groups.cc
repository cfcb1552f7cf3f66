// SPDX-License-Identifier: MIT
#include "io/control_groups.h"

#include <algorithm>
#include <fstream>

namespace microgpt {
namespace {

namespace fs = std::filesystem;

bool has_word(std::string_view list, std::string_view word) {
  for (std::size_t end = 0; !list.empty(); list.remove_prefix(std::min(end + 1, list.size()))) {
    end = std::min(list.find(','), list.size());
    if (list.substr(0, end) == word) return true;
  }
  return false;
}

// The folder `root`/`path` and those above it, from `root` on.
void append_folders(fs::path root, const fs::path& path, int version, std::vector<ControlGroupFolder>& folders) {
  folders.push_back({root, version});
  for (const fs::path& name : path.relative_path()) {
    root /= name;
    folders.push_back({root, version});
  }
}

// Of a line "NUMBER:CONTROLLERS:PATH".
void append_folders_of(std::string_view line, std::string_view controller, const fs::path& root,
                       std::vector<ControlGroupFolder>& folders) {
  const std::size_t first = line.find(':');
  const std::size_t second = line.find(':', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return;
  const std::string_view controllers = line.substr(first + 1, second - first - 1);
  const std::string_view path = line.substr(second + 1);
  if (controllers.empty()) {
    append_folders(root, path, 2, folders);
    append_folders(root / "unified", path, 2, folders);
  } else if (has_word(controllers, controller)) {
    append_folders(root / controller, path, 1, folders);
  }
}

}  // namespace

std::vector<ControlGroupFolder> control_group_folders(std::string_view controller, const std::string& process_groups,
                                                      const std::string& root) {
  std::vector<ControlGroupFolder> folders;
  std::ifstream groups(process_groups);
  for (std::string line; std::getline(groups, line);) append_folders_of(line, controller, root, folders);
  return folders;
}

}  // namespace microgpt
