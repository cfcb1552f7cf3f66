// SPDX-License-Identifier: MIT
// The system that emscripten's C library calls, where there is none: no files, no signals, no randomness but the library's own.
#include <cerrno>
#include <cstddef>

extern "C" {
void emscripten_notify_memory_growth(std::size_t) {}
void __call_sighandler(void (*handler)(int), int signal) { handler(signal); }
int getentropy(void*, std::size_t) { return -1; }

int __syscall_fstat64(int, void*) { return -ENOENT; }
int __syscall_fstatat64(int, const char*, void*, int) { return -ENOENT; }
int __syscall_lstat64(const char*, void*) { return -ENOENT; }
int __syscall_stat64(const char*, void*) { return -ENOENT; }
int __syscall_getcwd(char*, std::size_t) { return -ENOENT; }
int __syscall_mkdir(const char*, int) { return -EROFS; }
int __syscall_readlink(const char*, char*, std::size_t) { return -ENOENT; }
int __syscall_rename(const char*, const char*) { return -EROFS; }
int __syscall_rmdir(const char*) { return -EROFS; }
int __syscall_unlink(const char*) { return -EROFS; }
}
