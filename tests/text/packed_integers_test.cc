// SPDX-License-Identifier: MIT
#include "text/packed_integers.h"

#include <gtest/gtest.h>

namespace microgpt::packed_integers_test {
namespace {

TEST(PackedIntegers, TakesTheFewestBytesThatHoldTheLargest) {
  struct Answer {
    std::uint64_t largest;
    std::size_t bytes;
  };
  for (const auto& [largest, bytes] : {Answer{0, 1},
                                       {255, 1},
                                       {256, 2},
                                       {65535, 2},
                                       {65536, 4},
                                       {4294967295U, 4},
                                       {4294967296U, 8},
                                       {18446744073709551615U, 8}}) {
    PackedIntegers integers(3, largest);
    EXPECT_EQ(integers.bytes(), 3 * bytes) << largest;
    integers.set(1, largest);
    EXPECT_EQ(integers[0], 0U);
    EXPECT_EQ(integers[1], largest);
    EXPECT_EQ(integers[2], 0U);
  }
}

}  // namespace
}  // namespace microgpt::packed_integers_test
