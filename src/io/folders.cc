// SPDX-License-Identifier: MIT
#include "io/folders.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "io/atomic_file.h"
#include "io/file.h"
#include "microgpt/error.h"

namespace microgpt {
namespace {

// Opens the file, creating it where there is none; whether that was so.
bool open_or_create(const std::string& path, int& descriptor) {
  descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor >= 0) return true;
  if (errno != EEXIST) fail_to("write", path, errno);
  descriptor = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor >= 0) return false;
  if (errno != ENOENT) fail_to("write", path, errno);
  return open_or_create(path, descriptor);  // another process has just removed it
}

// Another process may have removed the file between the two.
bool is_still_there(const std::string& path, int descriptor) {
  struct stat opened {
  }, named{};
  return fstat(descriptor, &opened) == 0 && stat(path.c_str(), &named) == 0 && opened.st_dev == named.st_dev &&
         opened.st_ino == named.st_ino;
}

}  // namespace

FolderLock::FolderLock(const std::string& folder) : path_((std::filesystem::path(folder) / "lock").string()) {
  while (true) {
    is_new_ = open_or_create(path_, descriptor_);
    if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      const int reason = errno;
      close(descriptor_);
      if (reason != EWOULDBLOCK) fail_to("lock", path_, reason);
      throw Error(fmt::format("another run writes in {}; wait for it to end, or name another folder", folder));
    }
    if (is_still_there(path_, descriptor_)) return;
    close(descriptor_);
  }
}

FolderLock::~FolderLock() {
  if (is_new_) unlink(path_.c_str());
  close(descriptor_);
}

namespace fs = std::filesystem;

NewFolder::NewFolder(const std::string& folder) {
  try {
    create(folder);
  } catch (...) {
    remove_created();
    throw;
  }
}

NewFolder::~NewFolder() { remove_created(); }

void NewFolder::create(const fs::path& folder) {
  std::error_code reason;
  if (fs::is_directory(folder, reason)) return;
  if (fs::exists(folder, reason)) fail_to("create the folder", folder.string(), ENOTDIR);
  const fs::path above = folder.has_filename() ? folder.parent_path() : folder.parent_path().parent_path();
  if (!above.empty()) create(above);
  if (fs::create_directory(folder, reason)) {
    created_.push_back(folder);
    sync_folder(above.empty() ? "." : above.string());
  }
  if (reason) fail_to("create the folder", folder.string(), reason.value());
}

void NewFolder::remove_created() {
  std::error_code ignored;
  for (; !created_.empty(); created_.pop_back()) fs::remove(created_.back(), ignored);
}

}  // namespace microgpt
