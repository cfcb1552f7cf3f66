// SPDX-License-Identifier: MIT
#include "random/counter_random.h"

#include <gtest/gtest.h>

#include <set>

namespace microgpt::counter_random_test {
namespace {

using Block = std::array<std::uint32_t, 4>;

// The known answers that come with Random123 (kat_vectors, philox4x32 10).
TEST(CounterRandom, IsPhilox) {
  EXPECT_EQ(philox(0, 0, 0), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox(~std::uint64_t{0}, ~std::uint64_t{0}, ~std::uint64_t{0}),
            (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox(0x299f31d0a4093822, 0x0370734413198a2e, 0x85a308d3243f6a88),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(CounterRandom, UniformNumbersAreBelowOneAndDifferByEachArgument) {
  std::set<float> seen;
  double sum = 0.0;
  for (std::uint64_t seed = 0; seed < 10; ++seed)
    for (std::uint64_t stream = 0; stream < 10; ++stream)
      for (std::uint64_t index = 0; index < 10; ++index) {
        for (const float u : uniforms(seed, stream, index)) {
          EXPECT_GE(u, 0.0F);
          EXPECT_LT(u, 1.0F);
          seen.insert(u);
          sum += static_cast<double>(u);
        }
      }
  EXPECT_GE(seen.size(), 3990U);  // of 2^24 numbers two may be the same
  EXPECT_NEAR(sum / 4000, 0.5, 0.03);
}

}  // namespace
}  // namespace microgpt::counter_random_test
