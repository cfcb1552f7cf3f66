// SPDX-License-Identifier: MIT
// SoftmaxCall against plain loops in double precision.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "engine/fast/kernels/comparison.h"
#include "engine/fast/kernels/panel_matrix.h"
#include "support/length.h"

namespace microgpt::fast::softmax_test {
namespace {

using testing::Comparison;
using testing::GuardedFloats;
using testing::PanelMatrix;

struct SoftmaxCase {
  PanelMatrix logits;  // poison past the last feature
  GuardedFloats weight;

  SoftmaxCase(std::size_t rows, std::size_t features) : logits(rows, features), weight(round_up_to_vector(rows)) {
    PythonRandom random(rows * 1000 + features);
    for (std::size_t row = 0; row < rows; ++row) {
      weight.data()[row] = 1.0F + testing::random_float(random) / 2;
      for (std::size_t f = 0; f < features; ++f) logits.at(row, f) = 10 * testing::random_float(random);
    }
  }

  // All lse, then all that the logits became.
  std::vector<float> compute(const Kernels& kernels, bool weighted) const {
    const PanelMatrix work(logits.rows(), logits.features());
    for (std::size_t row = 0; row < logits.rows(); ++row)
      for (std::size_t f = 0; f < logits.features(); ++f) work.at(row, f) = logits.at(row, f);
    const GuardedFloats lse(round_up_to_vector(logits.rows()));
    kernels.softmax({work.view(), logits.rows(), logits.features(), weighted ? weight.data() : nullptr, lse.data()});
    EXPECT_TRUE(work.is_guard_whole() && lse.is_guard_whole());
    // The product that takes the gradient of the logits reads whole vectors into weights' padding, which must stay 0.
    EXPECT_TRUE(!weighted || work.padding_lanes_are_zero());
    std::vector<float> results(lse.data(), lse.data() + logits.rows());
    work.append_to(results);
    return results;
  }

  void expect_close() const {
    const std::vector<float> actual = testing::same_on_all_targets([&](const Kernels& k) { return compute(k, true); });
    Comparison lse_comparison, softmax_comparison;
    auto next_lse = actual.begin();
    auto next = actual.begin() + static_cast<std::ptrdiff_t>(logits.rows());
    for (std::size_t row = 0; row < logits.rows(); ++row) {
      double largest = -HUGE_VAL, total = 0.0;
      for (std::size_t f = 0; f < logits.features(); ++f) largest = std::max(largest, logits.value(row, f));
      for (std::size_t f = 0; f < logits.features(); ++f) total += std::exp(logits.value(row, f) - largest);
      lse_comparison.add(*next_lse++, largest + std::log(total), std::abs(largest) + std::log(total) + 1.0);
      for (std::size_t f = 0; f < logits.features(); ++f) {
        // The difference is rounded before e is raised to it; from e^-80 on the kernel has 0.
        const double below = largest - logits.value(row, f);
        const double scale = static_cast<double>(weight.data()[row]) / total;
        const double expected = below >= 80.0 ? 0.0 : std::exp(-below) * scale;
        softmax_comparison.add(*next++, expected, std::max(expected * (1.0 + below / 8), 1e-30));
      }
    }
    EXPECT_EQ(lse_comparison.describe_failure(testing::kTolerances.log_sum_exp), "") << name();
    EXPECT_EQ(softmax_comparison.describe_failure(testing::kTolerances.softmax), "") << name();
  }

  // Without weights: the same lse, the logits untouched.
  void expect_logits_to_stay() const {
    const std::vector<float> weighted = compute(kernels_for(best_target()), true);
    std::vector<float> expected(weighted.begin(), weighted.begin() + static_cast<std::ptrdiff_t>(logits.rows()));
    logits.append_to(expected);
    const std::vector<float> actual = testing::same_on_all_targets([&](const Kernels& k) { return compute(k, false); });
    EXPECT_EQ(testing::describe_different_bits(actual, expected), "") << name();
  }

  std::string name() const { return fmt::format("{} rows, {} features", logits.rows(), logits.features()); }
};

TEST(SoftmaxKernel, AllSizes) {
  for (std::size_t features = 1; features <= 70; ++features)
    for (std::size_t rows = 1; rows <= 40; rows += testing::full_or(1, 3)) SoftmaxCase(rows, features).expect_close();
  for (const std::size_t features : {96U, 113U, 160U, 300U}) SoftmaxCase(17, features).expect_close();
}

TEST(SoftmaxKernel, WithoutWeightsTheLogitsStay) {
  for (std::size_t features = 1; features <= 70; ++features) SoftmaxCase(1 + features % 40, features).expect_logits_to_stay();
}

TEST(SoftmaxKernel, FarLogits) {
  const std::vector<std::function<float(std::size_t)>> rows{
      [](std::size_t) { return 0.0F; },
      [](std::size_t f) { return f == 3 ? 79.0F : 0.0F; },
      [](std::size_t f) { return f == 3 ? -79.0F : 0.0F; },
      [](std::size_t f) { return f == 3 ? 1000.0F : -1000.0F; },
      [](std::size_t f) { return 1e4F - static_cast<float>(f); },
      [](std::size_t f) { return -1e4F - static_cast<float>(f) / 8; },
      [](std::size_t f) { return -10.0F * static_cast<float>(f); },
  };
  for (const std::size_t features : {5U, 16U, 27U, 65U}) {
    SoftmaxCase c(rows.size(), features);
    for (std::size_t row = 0; row < rows.size(); ++row)
      for (std::size_t f = 0; f < features; ++f) c.logits.at(row, f) = rows[row](f);
    c.expect_close();
  }
}

}  // namespace
}  // namespace microgpt::fast::softmax_test
