// SPDX-License-Identifier: MIT
// What is freed is kept, and soon used again: tests make thousands of engines, whose memory the system would take back and
// clear each time, which takes as long as the tests. Programs that tests call do as they do elsewhere.
#include <malloc.h>

namespace {

[[maybe_unused]] const bool kIsKept = [] {
  constexpr int kMegabyte = 1 << 20;
  return mallopt(M_MMAP_THRESHOLD, 256 * kMegabyte) != 0 && mallopt(M_TRIM_THRESHOLD, 1024 * kMegabyte) != 0;
}();

}  // namespace

// AddressSanitizer keeps what is freed out of use, to find who uses it after all: so much of it.
extern "C" const char* __asan_default_options() { return "quarantine_size_mb=16"; }
