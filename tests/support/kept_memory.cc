// SPDX-License-Identifier: MIT
// Tests keep what they free, as the program does: they make thousands of engines, whose memory the system would take back and
// clear each time, which takes some of them nearly as long as all else.
#include "io/resource_limits.h"

namespace {

[[maybe_unused]] const bool kIsKept = (microgpt::keep_freed_memory(), true);

}  // namespace

// AddressSanitizer keeps what is freed out of use, to find who uses it after all: so many megabytes of it.
extern "C" const char* __asan_default_options() { return "quarantine_size_mb=16"; }
