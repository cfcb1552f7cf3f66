// SPDX-License-Identifier: MIT
#include "io/folder_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "io/file.h"
#include "microgpt/error.h"

namespace microgpt {

FolderLock::FolderLock(const std::string& folder) {
  const std::string path = (std::filesystem::path(folder) / "lock").string();
  descriptor_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail_to("write", path, errno);
  if (flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
  const int reason = errno;
  close(descriptor_);
  if (reason != EWOULDBLOCK) fail_to("lock", path, reason);
  throw Error(fmt::format("another run writes in {}; wait for it to end, or name another folder", folder));
}

FolderLock::~FolderLock() { close(descriptor_); }

}  // namespace microgpt
