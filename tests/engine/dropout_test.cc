// SPDX-License-Identifier: MIT
#include "engine/dropout.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "engine/engine.h"

namespace microgpt::dropout_test {
namespace {

constexpr std::size_t kWidth = 40;
const DropoutMask::Coordinates kCoordinates{3, 5, attention_site(1), 0};

// Of many features and positions.
std::vector<bool> kept(const DropoutMask& mask, DropoutMask::Coordinates coordinates = kCoordinates,
                       std::size_t n_embd = kWidth) {
  std::vector<bool> kept;
  for (std::size_t t = 0; t < 50; ++t, ++coordinates.position)
    for (coordinates.feature = 0; coordinates.feature < n_embd; ++coordinates.feature)
      kept.push_back(mask.keeps(coordinates, n_embd));
  return kept;
}

TEST(DropoutMask, KeepsItsShare) {
  for (const double rate : {0.0, 1e-3, 0.1, 0.5, 0.9, 0.999}) {
    std::size_t count = 0, all = 0;
    for (std::uint64_t step = 0; step < 20; ++step)
      for (const bool k : kept(DropoutMask(Dropout{rate, 7, step}))) {
        count += k ? 1 : 0;
        ++all;
      }
    const double deviation = std::sqrt(rate * (1 - rate) * static_cast<double>(all));
    EXPECT_NEAR(static_cast<double>(count), (1 - rate) * static_cast<double>(all), 4 * deviation) << rate;
  }
}

TEST(DropoutMask, DependsOnEverythingThatItIsAFunctionOf) {
  const std::vector<bool> usual = kept(DropoutMask(Dropout{0.5, 1, 2}));
  EXPECT_EQ(kept(DropoutMask(Dropout{0.5, 1, 2})), usual);
  EXPECT_NE(kept(DropoutMask(Dropout{0.5, 1 + (std::uint64_t{1} << 40), 2})), usual) << "seed";
  EXPECT_NE(kept(DropoutMask(Dropout{0.5, 1, 3})), usual) << "step";
  EXPECT_NE(kept(DropoutMask(Dropout{0.5, 1, 2}), {4, 5, attention_site(1), 0}), usual) << "document";
  EXPECT_NE(kept(DropoutMask(Dropout{0.5, 1, 2}), {3, 6, attention_site(1), 0}), usual) << "position";
  for (const DropoutSite site : {embedding_site(), attention_site(0), mlp_site(0), mlp_site(1)})
    EXPECT_NE(kept(DropoutMask(Dropout{0.5, 1, 2}), {3, 5, site, 0}), usual) << "site " << static_cast<std::uint32_t>(site);
}

// No two values of a document share their bits: at a rate of one half each pair of columns agrees about half of the time.
TEST(DropoutMask, FeaturesAndPositionsAreIndependent) {
  constexpr std::size_t kSteps = 400;
  constexpr std::size_t kPositions = 6;
  std::vector<std::vector<bool>> columns(kPositions * kWidth);
  for (std::uint64_t step = 0; step < kSteps; ++step) {
    const DropoutMask mask(Dropout{0.5, 1, step});
    for (std::size_t i = 0; i < columns.size(); ++i)
      columns[i].push_back(mask.keeps({0, i / kWidth, embedding_site(), i % kWidth}, kWidth));
  }
  for (std::size_t i = 0; i < columns.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      std::size_t equal = 0;
      for (std::size_t s = 0; s < kSteps; ++s) equal += columns[i][s] == columns[j][s] ? 1 : 0;
      EXPECT_NEAR(static_cast<double>(equal), kSteps / 2.0, 60.0) << i << " and " << j;  // six standard deviations
    }
}

TEST(DropoutMask, RoundsTheRateAndScalesByTheRoundedOne) {
  EXPECT_FALSE(DropoutMask(Dropout{0.0}).drops());
  EXPECT_FALSE(DropoutMask(Dropout{0x1p-18}).drops());
  EXPECT_EQ(DropoutMask(Dropout{0.5}).scale(), 2.0);
  EXPECT_EQ(DropoutMask(Dropout{0.1}).threshold(), 6554U);
  EXPECT_EQ(DropoutMask(Dropout{0.1}).scale(), 65536.0 / (65536 - 6554));
  EXPECT_EQ(DropoutMask(Dropout{std::nextafter(1.0, 0.0)}).scale(), 65536.0);
}

}  // namespace
}  // namespace microgpt::dropout_test
