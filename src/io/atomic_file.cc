// SPDX-License-Identifier: MIT
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
#include "microgpt/error.h"

namespace microgpt {
namespace {

constexpr int kClosed = -1;

struct NewFile {
  std::string path;
  int descriptor;
};

constexpr std::string_view kSuffix = ".tmp";
constexpr std::size_t kDigits = 8;

// A name that no other writer of the same file has.
NewFile create_temporary_file(const std::string& path) {
  std::random_device random;
  while (true) {
    NewFile file{fmt::format("{}.{:0{}x}{}", path, random(), kDigits, kSuffix), kClosed};
    file.descriptor = open(file.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file.descriptor >= 0) return file;
    if (errno != EEXIST && errno != EINTR) fail_to("write", path, errno);
  }
}

// Whether it is one that create_temporary_file() makes.
bool is_temporary(std::string_view name) {
  if (!name.ends_with(kSuffix)) return false;
  name.remove_suffix(kSuffix.size());
  if (name.size() < kDigits + 2 || name[name.size() - kDigits - 1] != '.') return false;
  return name.find_first_not_of("0123456789abcdef", name.size() - kDigits) == std::string_view::npos;
}

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

// Where a symbolic link leads. What is neither a file nor a folder, such as /dev/null, is nobody's to replace.
std::string destination_of(const std::string& path) {
  std::error_code ignored;
  const std::filesystem::file_status status = std::filesystem::status(path, ignored);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status) && !std::filesystem::is_directory(status))
    throw Error(fmt::format("cannot write {}: it is there already, and no file; name another path", path));
  if (!std::filesystem::is_symlink(std::filesystem::symlink_status(path, ignored))) return path;
  return std::filesystem::weakly_canonical(path, ignored).string();
}

}  // namespace

AtomicFile::AtomicFile(const std::string& path) : path_(destination_of(path)), folder_(folder_of(path_)) {
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
  sync_folder(folder_);
}

void AtomicFile::fail() const { fail_to("write", path_, errno); }

void write_atomically(const std::string& path, std::string_view text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

void remove_temporary_files(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code reason;
  for (fs::directory_iterator file(folder, reason), end; !reason && file != end; file.increment(reason)) {
    if (!is_temporary(file->path().filename().string())) continue;
    std::error_code reason_to_stay;
    fs::remove(file->path(), reason_to_stay);
    if (reason_to_stay) fail_to("remove", file->path().string(), reason_to_stay.value());
  }
  if (reason) fail_to("read", folder, reason.value());
}

void sync_folder(const std::string& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) fail_to("write", folder, errno);
  const int reason = fsync(descriptor) == 0 ? 0 : errno;
  close(descriptor);
  // EINVAL: a file system that knows no such thing for folders.
  if (reason != 0 && reason != EINVAL) fail_to("write", folder, reason);
}

}  // namespace microgpt
