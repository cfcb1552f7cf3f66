#include "io/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <random>
#include <utility>

#include "io/file.h"

namespace microgpt {
namespace {

constexpr int kClosed = -1;

struct NewFile {
  std::string path;
  int descriptor;
};

// A name that no other writer of the same file has.
NewFile create_temporary_file(const std::string& path) {
  std::random_device random;
  while (true) {
    NewFile file{fmt::format("{}.{:08x}.tmp", path, random()), kClosed};
    file.descriptor = open(file.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file.descriptor >= 0) return file;
    if (errno != EEXIST && errno != EINTR) fail_to("write", path, errno);
  }
}

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

}  // namespace

AtomicFile::AtomicFile(std::string path) : path_(std::move(path)) {
  NewFile file = create_temporary_file(path_);
  temporary_path_ = std::move(file.path);
  descriptor_ = file.descriptor;
}

AtomicFile::~AtomicFile() {
  if (descriptor_ != kClosed) close(descriptor_);
  if (!committed_) unlink(temporary_path_.c_str());
}

void AtomicFile::write(std::string_view bytes) {
  assert(descriptor_ != kClosed);
  while (!bytes.empty()) {
    const auto written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written >= 0)
      bytes.remove_prefix(static_cast<std::size_t>(written));
    else if (errno != EINTR)
      fail();
  }
}

void AtomicFile::sync() {
  assert(descriptor_ != kClosed);
  if (fsync(descriptor_) != 0) fail();
  if (close(std::exchange(descriptor_, kClosed)) != 0) fail();
}

void AtomicFile::commit() {
  assert(!committed_);
  if (descriptor_ != kClosed) sync();
  if (std::rename(temporary_path_.c_str(), path_.c_str()) != 0) fail();
  committed_ = true;
  sync_folder(folder_of(path_));
}

void AtomicFile::fail() const { fail_to("write", path_, errno); }

void sync_folder(const std::string& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) fail_to("write", folder, errno);
  const int reason = fsync(descriptor) == 0 ? 0 : errno;
  close(descriptor);
  // EINVAL: a file system that knows no such thing for folders.
  if (reason != 0 && reason != EINVAL) fail_to("write", folder, reason);
}

}  // namespace microgpt
