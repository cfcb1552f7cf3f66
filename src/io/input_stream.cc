// SPDX-License-Identifier: MIT
#include "io/input_stream.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "io/file.h"

namespace microgpt {

InputStream::InputStream(const std::string& path)
    : name_(name_of_input(path)), descriptor_(path == "-" ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (descriptor_ < 0) fail_to("read", name_, errno);
  struct stat status {};
  if (fstat(descriptor_, &status) != 0 || !S_ISDIR(status.st_mode)) return;
  if (descriptor_ != STDIN_FILENO) close(descriptor_);
  fail_to("read", name_, EISDIR);
}

InputStream::~InputStream() {
  if (descriptor_ != STDIN_FILENO) close(descriptor_);
}

bool InputStream::wait(std::chrono::milliseconds longest) const {
  pollfd request{descriptor_, POLLIN, 0};
  return poll(&request, 1, static_cast<int>(longest.count())) > 0;
}

std::size_t InputStream::read(std::span<char> buffer) {
  for (;;) {
    const ssize_t count = ::read(descriptor_, buffer.data(), buffer.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) fail_to("read", name_, errno);
  }
}

}  // namespace microgpt
