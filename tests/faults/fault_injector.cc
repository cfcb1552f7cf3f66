// SPDX-License-Identifier: MIT
// To be loaded before the C library (LD_PRELOAD): at the n-th write, rename, fsync or file that is created or removed, counted
// from 1 over the files that a program writes, something goes wrong.
//
//   FAULT_AT=n      where
//   FAULT=kill      the process is killed before the call; of a write half the bytes are written first
//   FAULT=ENOSPC    the call fails, and all after it: the disk is full
//   FAULT=EIO       the call fails, once: the disk has a bad moment
//                   of a write that fails half the bytes are written first, and it is the next one that says so
//   FAULT_COUNT=f   how many calls there were is written to the file f at the end
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

template <typename Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

long number_in_environment(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? 0 : std::atol(text);
}

bool fault_is(const char* name) {
  const char* fault = std::getenv("FAULT");
  return fault != nullptr && std::strcmp(fault, name) == 0;
}

long calls = 0;

// Whether the call that is about to be made goes wrong with an error, which is then in errno.
bool goes_wrong() {
  const long at = number_in_environment("FAULT_AT");
  ++calls;
  if (at == 0 || calls < at) return false;
  if (calls == at && fault_is("kill")) kill(getpid(), SIGKILL);
  if (calls == at && fault_is("EIO")) {
    errno = EIO;
    return true;
  }
  if (fault_is("ENOSPC")) {
    errno = ENOSPC;
    return true;
  }
  return false;
}

bool is_file(int descriptor) {
  struct stat status {};
  return descriptor > STDERR_FILENO && fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

// What scripts/coverage counts is no file that the program writes.
bool is_of_coverage(const char* path) {
  const char* const end = std::strrchr(path, '.');
  return end != nullptr && std::strcmp(end, ".gcda") == 0;
}

__attribute__((destructor)) void report() {
  const char* path = std::getenv("FAULT_COUNT");
  if (path == nullptr) return;
  std::FILE* file = std::fopen(path, "w");
  std::fprintf(file, "%ld\n", calls);
  std::fclose(file);
}

}  // namespace

extern "C" {

// As a disk does that has space for a part: it is the write of the rest that fails.
ssize_t write(int descriptor, const void* bytes, size_t size) {
  static auto* const real = next<ssize_t(int, const void*, size_t)>("write");
  static bool is_torn = false;
  if (!is_file(descriptor)) return real(descriptor, bytes, size);
  if (calls + 1 == number_in_environment("FAULT_AT") && size > 1 && !is_torn) {
    is_torn = true;
    const ssize_t written = real(descriptor, bytes, size / 2);
    if (written < 0 || !fault_is("kill")) return written;
  }
  return goes_wrong() ? -1 : real(descriptor, bytes, size);
}

// There is nothing to be learnt from waiting for a disk.
int fsync(int) { return goes_wrong() ? -1 : 0; }

int rename(const char* from, const char* to) {
  static auto* const real = next<int(const char*, const char*)>("rename");
  return goes_wrong() ? -1 : real(from, to);
}

int remove(const char* path) {
  static auto* const real = next<int(const char*)>("remove");
  return goes_wrong() && !fault_is("ENOSPC") ? -1 : real(path);
}

int open(const char* path, int flags, ...) {
  static auto* const real = next<int(const char*, int, ...)>("open");
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  if ((flags & O_CREAT) != 0 && !is_of_coverage(path) && goes_wrong()) return -1;
  return real(path, flags, mode);
}
}
