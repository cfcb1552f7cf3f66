// SPDX-License-Identifier: MIT
// The files of control groups as Linux shows them, in a folder of their own.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "support/process.h"

namespace microgpt::testing {

class ControlGroups {
 public:
  // A file under the root.
  void write(const std::string& file, const std::string& content) const {
    const std::filesystem::path path = folder_.path(file);
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << content;
  }

  // What `limit(process_groups, root)` finds, the process being in these groups.
  template <typename Limit>
  auto find(const Limit& limit, const std::string& process_groups) const {
    return limit(folder_.write("groups", process_groups), folder_.path(""));
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace microgpt::testing
