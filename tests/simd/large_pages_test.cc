// SPDX-License-Identifier: MIT
#include "simd/large_pages.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <new>

namespace microgpt::large_pages_test {
namespace {

TEST(LargeVector, HoldsWhatItIsGivenWhateverItsSize) {
  for (const std::size_t size : {std::size_t{1}, kLargePage - 1, kLargePage, kLargePage + 1, 3 * kLargePage + 5}) {
    LargeVector<unsigned char> bytes(size, 7);
    EXPECT_EQ(bytes.front(), 7) << size;
    EXPECT_EQ(bytes.back(), 7) << size;
    const LargeVector<unsigned char> copy = bytes;
    bytes.front() = bytes.back() = 8;
    EXPECT_EQ(copy.front(), 7) << size;
    EXPECT_EQ(copy.back(), 7) << size;
    bytes.resize(2 * size, 9);
    EXPECT_EQ(bytes.front(), 8) << size;
    EXPECT_EQ(bytes.back(), 9) << size;
  }
}

// As many bytes as there is no number for.
TEST(LargeVector, TooMuchIsBadAlloc) {
  LargePageAllocator<std::uint64_t> allocator;
  EXPECT_THROW(allocator.allocate(SIZE_MAX / 4), std::bad_alloc);
}

}  // namespace
}  // namespace microgpt::large_pages_test
