// SPDX-License-Identifier: MIT
// A folder to write in, which is gone again where nothing comes of that.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace microgpt {

class NewFolder {
 public:
  // Creates the folder where there is none, and those above it. Throws Error where the system does not let it.
  explicit NewFolder(const std::string& folder);

  // Removes those that it has created, as far as nothing is in them, unless keep() was called.
  ~NewFolder();
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;

  void keep() { created_.clear(); }

 private:
  void create(const std::filesystem::path& folder);
  void remove_created();

  std::vector<std::filesystem::path> created_;  // the outermost first
};

}  // namespace microgpt
