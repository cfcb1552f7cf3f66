// SPDX-License-Identifier: MIT
#include "io/append.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "io/file.h"

namespace microgpt {
namespace {

// 0, or the system's reason.
int append_to(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = write(descriptor, bytes.data(), bytes.size());
    if (written >= 0)
      bytes.remove_prefix(static_cast<std::size_t>(written));
    else if (errno != EINTR)
      return errno;
  }
  return 0;
}

}  // namespace

void append(const std::string& path, std::string_view bytes, Durability durability) {
  const int descriptor = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor < 0) fail_to("write", path, errno);
  int reason = append_to(descriptor, bytes);
  if (reason == 0 && durability == Durability::at_once && fsync(descriptor) != 0) reason = errno;
  if (close(descriptor) != 0 && reason == 0) reason = errno;
  if (reason != 0) fail_to("write", path, reason);
}

}  // namespace microgpt
