// SPDX-License-Identifier: MIT
#include "parallel/slices.h"

#include <gtest/gtest.h>

#include <vector>

namespace microgpt::slices_test {
namespace {

TEST(Slices, AreNotSmallerThanTheLeast) {
  EXPECT_EQ(slice_count(0, 100, 4), 1U);
  EXPECT_EQ(slice_count(199, 100, 4), 1U);
  EXPECT_EQ(slice_count(200, 100, 4), 2U);
  EXPECT_EQ(slice_count(1'000'000, 100, 4), 4U);
  EXPECT_EQ(slice_count(1'000'000, 100, 1), 1U);
}

// End to end they are the buffer, all about as large and none with a part of another's cache line.
TEST(Slices, PartitionTheBuffer) {
  for (const std::size_t size : {0U, 16U, 64U, 1000U, 4096U, 100'000U})
    for (std::size_t slices = 1; slices <= 32; ++slices) {
      std::vector<float> buffer(size);
      float* next = buffer.data();
      for (std::size_t i = 0; i < slices; ++i) {
        const std::span<float> slice = slice_of(std::span(buffer), i, slices);
        ASSERT_EQ(slice.data(), next);
        ASSERT_EQ((slice.data() - buffer.data()) % 64, 0);
        ASSERT_LE(slice.size(), size / slices + 128);
        next += slice.size();
      }
      ASSERT_EQ(next, buffer.data() + size);
    }
}

}  // namespace
}  // namespace microgpt::slices_test
