// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "inference/generate.h"
#include "random/python_random.h"
#include "support/filtered_distribution.h"

namespace microgpt::token_filter_test {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<float> filtered(const TokenFilter& filter, double temperature, std::vector<float> logits) {
  std::vector<std::size_t> order;
  apply(filter, temperature, logits, order);
  return logits;
}

std::vector<double> distribution_of(const std::vector<float>& logits, double temperature) {
  const std::vector<double> numbers(logits.begin(), logits.end());
  return next_token_probabilities(numbers, temperature);
}

// Few different values, so that many are equal.
std::vector<float> some_logits(PythonRandom& random, std::size_t size) {
  std::vector<float> logits;
  for (std::size_t i = 0; i < size; ++i) logits.push_back(static_cast<float>(random.randbelow(12)) * 0.5F - 3.0F);
  return logits;
}

TEST(TokenFilter, LeavesTheDistributionOfAPlainReference) {
  PythonRandom random(5);
  for (const std::size_t size : {2U, 5U, 27U, 70U})
    for (const std::optional<std::size_t> top_k : {std::optional<std::size_t>(), {1}, {3}, {26}, {1000}})
      for (const double top_p : {1e-9, 0.3, 0.75, 0.97, 1.0})
        for (const double temperature : {0.2, 1.0, 3.0}) {
          const std::vector<float> logits = some_logits(random, size);
          const TokenFilter filter{top_k, top_p};
          const std::vector<double> expected = testing::filtered_distribution(distribution_of(logits, temperature), filter);
          const std::vector<double> actual = distribution_of(filtered(filter, temperature, logits), temperature);
          ASSERT_NEAR(std::accumulate(actual.begin(), actual.end(), 0.0), 1.0, 1e-12);
          for (std::size_t i = 0; i < size; ++i) {
            ASSERT_NEAR(actual[i], expected[i], 1e-12) << i << " of " << size << ", p " << top_p << ", t " << temperature;
            ASSERT_EQ(actual[i] > 0.0, expected[i] > 0.0);
          }
        }
}

TEST(TokenFilter, OfEquallyLikelyTokensTheFirstStay) {
  const std::vector<float> logits{1, 2, 1, 2, 1, 1};
  EXPECT_EQ(filtered({.top_k = 1}, 1.0, logits),
            (std::vector<float>{-kInfinity, 2, -kInfinity, -kInfinity, -kInfinity, -kInfinity}));
  EXPECT_EQ(filtered({.top_k = 4}, 1.0, logits), (std::vector<float>{1, 2, 1, 2, -kInfinity, -kInfinity}));
  const std::vector<float> equal(4, 0.0F);
  EXPECT_EQ(filtered({.top_p = 0.5}, 1.0, equal), (std::vector<float>{0, 0, -kInfinity, -kInfinity}));
  EXPECT_EQ(filtered({.top_p = 0.51}, 1.0, equal), (std::vector<float>{0, 0, 0, -kInfinity}));
}

// Half of the three that stay, not of all six.
TEST(TokenFilter, TheNucleusIsOneOfWhatTopKLeaves) {
  const std::vector<float> equal(6, 0.0F);
  EXPECT_EQ(filtered({.top_k = 3, .top_p = 0.5}, 1.0, equal),
            (std::vector<float>{0, 0, -kInfinity, -kInfinity, -kInfinity, -kInfinity}));
}

TEST(TokenFilter, MinPKeepsWhatIsLikelyBesideTheLikeliest) {
  const auto ln = [](double p) { return static_cast<float>(std::log(p)); };
  const std::vector<float> logits{ln(0.4), ln(0.21), ln(0.19), ln(0.2)};
  EXPECT_EQ(filtered({.min_p = 0.5}, 1.0, logits), (std::vector<float>{logits[0], logits[1], -kInfinity, -kInfinity}));
  EXPECT_EQ(filtered({.min_p = 0.2}, 1.0, logits), logits);
  EXPECT_EQ(filtered({.min_p = 1.0}, 1.0, logits), (std::vector<float>{logits[0], -kInfinity, -kInfinity, -kInfinity}));
  EXPECT_EQ(filtered({.top_p = 0.5, .min_p = 0.3}, 1.0, logits),
            (std::vector<float>{logits[0], logits[1], -kInfinity, -kInfinity}));
}

TEST(TokenFilter, TheTemperatureWidensTheNucleus) {
  const std::vector<float> logits{0, 1, 2, 3};
  EXPECT_EQ(filtered({.top_p = 0.9}, 0.1, logits), (std::vector<float>{-kInfinity, -kInfinity, -kInfinity, 3}));
  EXPECT_EQ(filtered({.top_p = 0.9}, 10.0, logits), logits);
  EXPECT_EQ(filtered({.top_p = 0.9}, 1e-300, logits), (std::vector<float>{-kInfinity, -kInfinity, -kInfinity, 3}));
}

TEST(TokenFilter, TokensThatAreOutAlreadyStayOut) {
  const std::vector<float> logits{-kInfinity, 1, 1, -kInfinity};
  EXPECT_EQ(filtered({.top_k = 4}, 1.0, logits), logits);
  EXPECT_EQ(filtered({.top_p = 0.99}, 1.0, logits), logits);
}

TEST(TokenFilter, LeavesAloneWhatCannotBeRanked) {
  for (const float strange : {std::numeric_limits<float>::quiet_NaN(), kInfinity}) {
    const std::vector<float> result = filtered({.top_k = 1, .top_p = 0.5}, 1.0, {0.0F, strange, 1.0F});
    EXPECT_EQ(result.front(), 0.0F);
    EXPECT_EQ(result.back(), 1.0F);
  }
  const std::vector<float> impossible(3, -kInfinity);
  EXPECT_EQ(filtered({.top_k = 1, .top_p = 0.5}, 1.0, impossible), impossible);
}

}  // namespace
}  // namespace microgpt::token_filter_test
