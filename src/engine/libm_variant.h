// SPDX-License-Identifier: MIT
// Which variant of the C library's mathematics this process calls.
//
// glibc picks exp, log, pow, sin and cos by processor, with and without fused multiply-add, and the last bits of the variants
// differ. CPython calls the same functions, so on one machine the bits agree; between machines they need not. Whoever
// compares with stored bits must ask here first whether these functions are those that the bits were made with.
#pragma once

#include <string_view>

namespace microgpt {

enum class LibmVariant {
  glibc_fma,      // what the stored goldens were made with
  glibc_generic,  // the same algorithms without fused multiply-add
  other,
};

// Tells by a few arguments at which the variants round differently.
LibmVariant probe_libm();

std::string_view describe(LibmVariant variant);

}  // namespace microgpt
