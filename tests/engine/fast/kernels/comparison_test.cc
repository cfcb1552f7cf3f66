// SPDX-License-Identifier: MIT
// The comparisons that the tests of the kernels rest on find what they are for.
#include "engine/fast/kernels/comparison.h"

#include <gtest/gtest.h>

#include "engine/fast/kernels/panel_matrix.h"

namespace microgpt::testing::comparison_test {
namespace {

TEST(KernelComparison, FindsDifferentBits) {
  EXPECT_EQ(describe_different_bits({1.0F, 2.0F}, {1.0F, 2.0F}), "");
  EXPECT_NE(describe_different_bits({1.0F, 2.0F}, {1.0F, std::nextafter(2.0F, 3.0F)}), "");
  EXPECT_NE(describe_different_bits({0.0F}, {-0.0F}), "");
  EXPECT_NE(describe_different_bits({1.0F}, {1.0F, 2.0F}), "");
  EXPECT_NE(describe_different_bits({}, {}), "");
}

TEST(KernelComparison, MeasuresInUnitsOfTheMagnitude) {
  Comparison comparison;
  comparison.add(1.0F, 1.0 + 3 * kUnit, 1.0);
  EXPECT_EQ(comparison.describe_failure(3.01), "");
  EXPECT_NE(comparison.describe_failure(2.99), "");
  comparison.add(1.0F, 1.0, 1.0);
  EXPECT_NE(comparison.describe_failure(2.99), "") << "a later, better number hides the worst one";
}

TEST(KernelComparison, FailsOnNaNOnAWrongSignAndOnNothing) {
  Comparison nan;
  nan.add(kPoison, 1.0, 1.0);
  EXPECT_NE(nan.describe_failure(1e6), "");
  Comparison sign;
  sign.add(-1.0F, 1.0, 1.0);
  EXPECT_NE(sign.describe_failure(1e6), "");
  EXPECT_NE(Comparison().describe_failure(1e6), "");
}

TEST(KernelComparison, GuardsFindWhatIsWrittenPastTheEnd) {
  const PanelMatrix matrix(3, 5);
  EXPECT_TRUE(matrix.is_guard_whole());
  matrix.view().data[fast::panels_size(16, 5)] = 1.0F;
  EXPECT_FALSE(matrix.is_guard_whole());
}

}  // namespace
}  // namespace microgpt::testing::comparison_test
