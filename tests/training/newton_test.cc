// SPDX-License-Identifier: MIT
#include "training/newton.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace microgpt::newton_test {
namespace {

// (x - 3)^2 + (y + 1)^2 + x y / 2, least at (52/15, -28/15).
Slopes bowl(const std::vector<double>& p) {
  const double x = p[0], y = p[1];
  return {(x - 3) * (x - 3) + (y + 1) * (y + 1) + x * y / 2, {2 * (x - 3) + y / 2, 2 * (y + 1) + x / 2}, {2.0, 0.5, 0.5, 2.0}};
}

TEST(Newton, FindsTheLeastOfABowlInOneStep) {
  const std::vector<double> least = minimise(bowl, {0.0, 0.0}, 1e-12);
  EXPECT_NEAR(least[0], 52.0 / 15, 1e-9);
  EXPECT_NEAR(least[1], -28.0 / 15, 1e-9);
}

TEST(Newton, StaysWhereTheFunctionFallsOnlyBelowZero) {
  const std::vector<double> least = minimise(bowl, {1.0, 1.0}, 1e-12, {false, true});
  EXPECT_NEAR(least[0], 3.0, 1e-9) << "the least of those with y = 0";
  EXPECT_EQ(least[1], 0.0);
}

TEST(Newton, LeavesZeroAgainWhereThatHelps) {
  const std::vector<double> least = minimise(bowl, {0.0, 0.0}, 1e-12, {true, false});
  EXPECT_NEAR(least[0], 52.0 / 15, 1e-9);
}

// Steps of Newton's method alone would leap away: from 2 to -10 and so on.
TEST(Newton, ShortensStepsThatDoNotHelp) {
  const auto logcosh = [](const std::vector<double>& p) {
    const double t = std::tanh(p[0]);
    return Slopes{std::log(std::cosh(p[0])), {t}, {1.0 - t * t}};
  };
  EXPECT_NEAR(minimise(logcosh, {2.0}, 1e-14)[0], 0.0, 1e-6);
}

}  // namespace
}  // namespace microgpt::newton_test
