// SPDX-License-Identifier: MIT
// How long a long test is. Under a sanitizer, which makes programs up to a hundred times slower, a few steps or cases show
// every mistake with memory that more of the same would; the arithmetic the other builds check at full length.
#pragma once

#include <cstddef>

namespace microgpt::testing {

inline constexpr bool kFullLength = MICROGPT_FULL_LENGTH;  // set by tests/CMakeLists.txt

constexpr std::size_t full_or(std::size_t full, std::size_t under_sanitizer) { return kFullLength ? full : under_sanitizer; }

}  // namespace microgpt::testing
