// SPDX-License-Identifier: MIT
#include "scoring/mixture.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "random/python_random.h"
#include "scoring/unseen.h"

namespace microgpt::mixture_test {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(Mixture, IsThatOfTheProbabilities) {
  for (const double p : {0.9, 0.5, 0.01})
    for (const double q : {0.99, 0.3, 1e-6})
      for (const double w : {0.0, 0.25, 0.5, 1.0})
        EXPECT_NEAR(mixed_loss(-std::log(p), -std::log(q), w), -std::log(w * p + (1 - w) * q), 1e-14)
            << p << ' ' << q << ' ' << w;
}

TEST(Mixture, OfUnlikelyAndImpossibleTargets) {
  EXPECT_NEAR(mixed_loss(2000.0, 2001.0, 0.5), 2000.0 - std::log(0.5 + 0.5 * std::exp(-1.0)), 1e-9) << "e^-2000 is 0";
  EXPECT_DOUBLE_EQ(mixed_loss(kInfinity, 1.0, 0.25), 1.0 - std::log(0.75));
  EXPECT_DOUBLE_EQ(mixed_loss(1.0, kInfinity, 0.25), 1.0 - std::log(0.25));
  EXPECT_EQ(mixed_loss(kInfinity, kInfinity, 0.25), kInfinity);
}

TEST(Mixture, AllTheWeightIsThePredictorItself) {
  EXPECT_EQ(mixed_loss(1500.0, 0.1, 1.0), 1500.0);
  EXPECT_EQ(mixed_loss(0.1, 1500.0, 0.0), 1500.0);
  EXPECT_EQ(mixed_loss(kInfinity, 0.1, 1.0), kInfinity);
}

TEST(Mixture, WhatIsUnseenCostsWhatItCostsEachToTheLastBit) {
  const double loss = unseen_loss(27);
  for (const double w : {0.1, 0.3, 0.7}) EXPECT_EQ(mixed_loss(loss, loss, w), loss);
}

TEST(Mixture, PositionByPosition) {
  const std::vector<double> a{1.0, 2.0, 3.0};
  std::vector<double> b{3.0, 2.0, 0.5};
  const std::vector<double> expected{mixed_loss(1.0, 3.0, 0.25), 2.0, mixed_loss(3.0, 0.5, 0.25)};
  mix_losses(a, b, 0.25, b);
  EXPECT_EQ(b, expected);
}

// Against all shares, one after another.
TEST(Mixture, TheBestShareIsTheBestOfAll) {
  PythonRandom random(1);
  for (int round = 0; round < 20; ++round) {
    std::vector<double> a;
    std::vector<double> b;
    for (int i = 0; i < 50; ++i) {
      a.push_back(0.1 * round * random.random());
      b.push_back(random.random());
    }
    const auto sum_at = [&](double w) {
      double sum = 0.0;
      for (std::size_t i = 0; i < a.size(); ++i) sum += mixed_loss(a[i], b[i], w);
      return sum;
    };
    double best = 0.0;
    for (int step = 1; step <= 100; ++step)
      if (sum_at(step / 100.0) < sum_at(best)) best = step / 100.0;
    EXPECT_EQ(best_share(a, b), best) << round;
  }
}

TEST(Mixture, TheBestShareOfThoseThatAreAlikeIsNone) {
  const std::vector<double> losses{1.0, 2.0};
  EXPECT_EQ(best_share(losses, losses), 0.0);
  EXPECT_EQ(best_share(std::vector{0.5, 0.5}, losses), 1.0);
}

}  // namespace
}  // namespace microgpt::mixture_test
