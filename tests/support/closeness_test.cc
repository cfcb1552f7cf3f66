// SPDX-License-Identifier: MIT
// The checkers themselves: each must find what it is there to find.
#include "support/closeness.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace microgpt::testing::closeness_test {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

class FarElement : public ::testing::Test {
 protected:
  std::optional<std::string> find(const std::vector<double>& actual) {
    return find_far_element(table_, actual, expected_, 1e-6);
  }

  const ParameterTable table_{Config{.vocab_size = 2, .n_layer = 1, .n_embd = 1, .n_head = 1, .block_size = 1}};
  const std::vector<double> expected_ = std::vector<double>(table_.parameter_count(), 2.0);
};

TEST_F(FarElement, PassesWhatIsClose) {
  std::vector<double> actual = expected_;
  actual.back() += 1e-6;
  EXPECT_EQ(find(actual), std::nullopt);
}

TEST_F(FarElement, FindsNanAndInfinity) {
  for (const double bad : {kNan, kInfinity, -kInfinity}) {
    std::vector<double> actual = expected_;
    actual[3] = bad;
    EXPECT_NE(find(actual), std::nullopt) << bad;
  }
}

TEST_F(FarElement, FindsAWrongFirstOrLastElement) {
  for (const std::size_t index : {std::size_t{0}, expected_.size() - 1}) {
    std::vector<double> actual = expected_;
    actual[index] += 1e-5;
    EXPECT_NE(find(actual), std::nullopt) << index;
  }
}

TEST_F(FarElement, FindsAWrongSign) {
  std::vector<double> actual = expected_;
  actual[1] = -actual[1];
  EXPECT_NE(find(actual), std::nullopt);
}

TEST_F(FarElement, FindsWrongSizes) {
  EXPECT_NE(find({}), std::nullopt);
  EXPECT_NE(find(std::vector<double>(expected_.size() - 1, 2.0)), std::nullopt);
  EXPECT_NE(find_far_element(table_, {}, {}, 1e-6), std::nullopt);
}

TEST_F(FarElement, MayNotExcuseAWholeTensor) {
  EXPECT_NE(find_far_element(table_, expected_, expected_, 1e-6, 0.0, [](std::size_t index) { return index < 2; }),
            std::nullopt);
}

TEST(DifferentBits, FindsTheSmallestDifference) {
  const std::vector<double> expected{1.0, 0.0, 3.0};
  EXPECT_EQ(find_different_bits(expected, expected), std::nullopt);
  EXPECT_NE(find_different_bits(std::vector{1.0, 0.0, 3.0 + 1e-15}, expected), std::nullopt);
  EXPECT_NE(find_different_bits(std::vector{1.0, -0.0, 3.0}, expected), std::nullopt);
  EXPECT_NE(find_different_bits(std::vector{1.0, kNan, 3.0}, expected), std::nullopt);
  EXPECT_NE(find_different_bits(std::vector{1.0, 0.0}, expected), std::nullopt);
  EXPECT_NE(find_different_bits({}, {}), std::nullopt);
}

}  // namespace
}  // namespace microgpt::testing::closeness_test
