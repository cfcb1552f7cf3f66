// SPDX-License-Identifier: MIT
// One writer of a folder at a time, among all processes of the machine.
#pragma once

#include <string>

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

}  // namespace microgpt
