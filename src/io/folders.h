// SPDX-License-Identifier: MIT
// Folders that results are written in: one writer at a time, among all processes of the machine; and new ones.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace microgpt {

// Holds an advisory lock on the file `lock` in the folder, which is created where there is none. The system lets go of it when
// the process ends, however it ends.
class FolderLock {
 public:
  // Throws Error: another process holds it; the file cannot be opened for writing. REQUIRES: the folder exists.
  explicit FolderLock(const std::string& folder);

  // Removes the file that it has created, unless keep() was called.
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  void keep() { is_new_ = false; }

 private:
  std::string path_;
  int descriptor_;
  bool is_new_;
};

// A folder to write in, which is gone again where nothing comes of that.
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
