// SPDX-License-Identifier: MIT
// A file that is there as a whole or not at all, whatever happens while it is written: a full disk, a kill, a power cut.
//
// The bytes go to a temporary file in the same folder, PATH.XXXXXXXX.tmp; commit() forces them to the disk, gives the file its
// name, and forces the folder to the disk. Until then what was at PATH before is untouched. Without commit() the temporary file
// is removed; only where the process is killed it stays behind. A symbolic link is followed.
#pragma once

#include <string>
#include <string_view>

namespace microgpt {

class AtomicFile {
 public:
  // Throws Error if the folder does not take a new file, or something that is no file is in its place.
  explicit AtomicFile(const std::string& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  // Throws Error if the system does not take the bytes. REQUIRES: neither sync() nor commit() was called.
  void write(std::string_view bytes);

  // Forces the bytes to the disk, under the temporary name: of several files, all can be made safe before the first is
  // committed. Throws Error if the disk does not take them.
  void sync();

  // Calls sync() if that was not done, and puts the file in its place. Asks for no memory, so that of several files not a part
  // is committed for want of it. Throws Error: as sync(), or the place is taken by a folder. REQUIRES: not called before.
  void commit();

 private:
  [[noreturn]] void fail() const;

  std::string path_;
  std::string folder_;
  std::string temporary_path_;
  int descriptor_;  // -1: closed
  bool committed_ = false;
};

// Writes a whole file so. Throws Error as AtomicFile.
void write_atomically(const std::string& path, std::string_view text);

// Removes what killed processes have left of files that were to come there. REQUIRES: nobody writes there. Throws Error if the
// folder cannot be read or does not let go of them.
void remove_temporary_files(const std::string& folder);

// Forces to the disk which files the folder has. Throws Error if it cannot be opened or the disk fails.
void sync_folder(const std::string& folder);

}  // namespace microgpt
