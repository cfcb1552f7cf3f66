// SPDX-License-Identifier: MIT
#include "inference/class_figures.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace microgpt::class_figures_test {
namespace {

std::vector<double> logarithms(const std::vector<double>& probabilities) {
  std::vector<double> result;
  for (const double p : probabilities) result.push_back(std::log(p));
  return result;
}

TEST(CalibrationTally, IsTheDistanceOfWhatIsSaidFromWhatIsRight) {
  CalibrationTally tally;
  for (int i = 0; i < 10; ++i) tally.add(0.75, i < 5);
  EXPECT_NEAR(tally.error(), 0.25, 1e-12);
  for (int i = 0; i < 10; ++i) tally.add(1.0, true);
  EXPECT_NEAR(tally.error(), 0.125, 1e-12) << "another bin, of as many";
}

TEST(ClassTally, CountsWhatIsSaidOfEachClass) {
  ClassTally tally(3);
  tally.add(0, logarithms({0.7, 0.2, 0.1}));
  tally.add(0, logarithms({0.2, 0.7, 0.1}));
  tally.add(1, logarithms({0.3, 0.6, 0.1}));
  tally.add(2, logarithms({0.5, 0.3, 0.2}));
  EXPECT_EQ(tally.count(0, 0), 1U);
  EXPECT_EQ(tally.count(0, 1), 1U);
  EXPECT_EQ(tally.count(2, 0), 1U);
  EXPECT_EQ(tally.accuracy(), 0.5);
  EXPECT_EQ(tally.count_among(2), 3U);
  EXPECT_EQ(tally.count_among(3), 4U);
  EXPECT_EQ(tally.precision(1), 0.5);
  EXPECT_EQ(tally.precision(2), std::nullopt) << "nothing was said to be of it";
  EXPECT_EQ(tally.recall(0), 0.5);
  EXPECT_EQ(tally.f1(2), 0.0);
  EXPECT_DOUBLE_EQ(tally.macro_f1(), (0.5 + 2.0 / 3 + 0.0) / 3);
  EXPECT_NEAR(tally.log_loss(), -std::log(0.7 * 0.2 * 0.6 * 0.2) / 4, 1e-12);
}

TEST(ClassTally, OfEqualOnesTheFirstIsSaid) {
  ClassTally tally(2);
  tally.add(1, logarithms({0.5, 0.5}));
  EXPECT_EQ(tally.count(1, 0), 1U);
  EXPECT_EQ(tally.count_among(1), 0U);
  EXPECT_EQ(tally.count_among(2), 1U);
}

// As in Wilson's formula worked by hand: 95 of 100, and none or all of few.
TEST(WilsonInterval, HoldsTheShareAndStaysWithinZeroAndOne) {
  EXPECT_NEAR(wilson_interval(95, 100).low, 0.888250, 1e-6);
  EXPECT_NEAR(wilson_interval(95, 100).high, 0.978456, 1e-6);
  EXPECT_EQ(wilson_interval(0, 5).low, 0.0);
  EXPECT_NEAR(wilson_interval(0, 5).high, 0.434482, 1e-6);
  EXPECT_EQ(wilson_interval(5, 5).high, 1.0);
}

}  // namespace
}  // namespace microgpt::class_figures_test
