// SPDX-License-Identifier: MIT
// RmsNormCall and its gradient against plain loops in double precision.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/fast/kernels/comparison.h"
#include "engine/fast/kernels/panel_matrix.h"

namespace microgpt::fast::norm_test {
namespace {

using testing::Comparison;
using testing::GuardedFloats;
using testing::PanelMatrix;

std::vector<std::size_t> feature_counts() {
  std::vector<std::size_t> counts;
  for (std::size_t f = 1; f <= 70; ++f) counts.push_back(f);
  for (const std::size_t f : {96U, 113U, 128U, 160U, 257U}) counts.push_back(f);
  return counts;
}

void copy(const PanelMatrix& from, const PanelMatrix& to) {
  for (std::size_t row = 0; row < from.rows(); ++row)
    for (std::size_t f = 0; f < round_up_to_vector(from.features()); ++f) to.at(row, f) = from.at(row, f);
}

// Where a sum runs over a row, the lanes past the last feature must be 0; the rows past the last may be anything.
PanelMatrix random_matrix(std::size_t rows, std::size_t features, std::uint64_t seed) {
  PythonRandom random(seed);
  PanelMatrix matrix(rows, features);
  matrix.randomize(random);
  matrix.fill_padding_lanes(0.0F);
  return matrix;
}

double exact_scale(const PanelMatrix& x, std::size_t row) {
  double squares = 0.0;
  for (std::size_t f = 0; f < x.features(); ++f) squares += x.value(row, f) * x.value(row, f);
  return 1.0 / std::sqrt(squares / static_cast<double>(x.features()) + 1e-5);
}

std::vector<float> norm_on(const Kernels& kernels, const PanelMatrix& x, bool in_place) {
  const PanelMatrix y(x.rows(), x.features());
  if (in_place) copy(x, y);
  const GuardedFloats scale(round_up_to_vector(x.rows()));
  kernels.rms_norm({in_place ? y.view() : x.view(), y.view(), scale.data(), x.rows(), x.features()});
  EXPECT_TRUE(y.is_guard_whole() && scale.is_guard_whole() && y.padding_lanes_are_zero());
  std::vector<float> results;
  y.append_to(results);
  results.insert(results.end(), scale.data(), scale.data() + x.rows());
  return results;
}

void expect_norm(const PanelMatrix& x, bool in_place) {
  const std::vector<float> actual =
      testing::same_on_all_targets([&](const Kernels& kernels) { return norm_on(kernels, x, in_place); });
  Comparison comparison;
  auto next = actual.begin();
  for (std::size_t row = 0; row < x.rows(); ++row) {
    const double scale = exact_scale(x, row);
    for (std::size_t f = 0; f < x.features(); ++f)
      comparison.add(*next++, x.value(row, f) * scale, std::abs(x.value(row, f)) * scale);
  }
  for (std::size_t row = 0; row < x.rows(); ++row) comparison.add(*next++, exact_scale(x, row), exact_scale(x, row));
  EXPECT_EQ(comparison.describe_failure(testing::kTolerances.rms_norm), "")
      << x.rows() << " rows, " << x.features() << " features";
}

TEST(NormKernel, AllSizes) {
  for (const std::size_t features : feature_counts())
    for (std::size_t rows = 1; rows <= 40; ++rows) expect_norm(random_matrix(rows, features, rows), rows % 2 == 0);
}

TEST(NormKernel, SmallAndLargeRows) {
  for (const float size : {0.0F, 1e-10F, 1e-3F, 1e3F, 1e12F}) {
    PanelMatrix x = random_matrix(5, 21, 1);
    for (std::size_t row = 0; row < x.rows(); ++row)
      for (std::size_t f = 0; f < x.features(); ++f) x.at(row, f) *= size;
    expect_norm(x, false);
  }
}

struct BackwardCase {
  PanelMatrix y, dy, dx;
  GuardedFloats scale;
  bool add;

  BackwardCase(std::size_t rows, std::size_t features, bool adds)
      : y(random_matrix(rows, features, rows + 1)),
        dy(random_matrix(rows, features, rows + 2)),
        dx(random_matrix(rows, features, rows + 3)),
        scale(round_up_to_vector(rows)),
        add(adds) {
    PythonRandom random(features);
    for (std::size_t row = 0; row < rows; ++row) scale.data()[row] = 2.0F + testing::random_float(random);
  }

  std::vector<float> compute(const Kernels& kernels, bool in_place) const {
    const PanelMatrix to(y.rows(), y.features());
    if (add) copy(dx, to);
    if (in_place) copy(dy, to);
    kernels.rms_norm_backward(
        {y.view(), scale.data(), in_place ? to.view() : dy.view(), to.view(), y.rows(), y.features(), add});
    EXPECT_TRUE(to.is_guard_whole() && to.padding_lanes_are_zero());
    std::vector<float> results;
    to.append_to(results);
    return results;
  }

  void expect_close(bool in_place) const {
    const std::vector<float> actual =
        testing::same_on_all_targets([&](const Kernels& kernels) { return compute(kernels, in_place); });
    Comparison comparison;
    auto next = actual.begin();
    for (std::size_t row = 0; row < y.rows(); ++row) {
      testing::ExactSum mean;
      for (std::size_t f = 0; f < y.features(); ++f)
        mean.add(y.value(row, f) * dy.value(row, f) / static_cast<double>(y.features()));
      for (std::size_t f = 0; f < y.features(); ++f) {
        const auto s = static_cast<double>(scale.data()[row]);
        const double before = add ? dx.value(row, f) : 0.0;
        const double expected = before + s * (dy.value(row, f) - y.value(row, f) * mean.value);
        const double magnitude =
            std::abs(before) + s * (std::abs(dy.value(row, f)) + std::abs(y.value(row, f)) * mean.magnitude);
        comparison.add(*next++, expected, magnitude);
      }
    }
    EXPECT_EQ(comparison.describe_failure(testing::kTolerances.rms_norm_backward), "")
        << y.rows() << " rows, " << y.features() << " features";
  }
};

TEST(NormKernel, GradientOfAllSizes) {
  for (const std::size_t features : feature_counts())
    for (std::size_t rows = 1; rows <= 40; ++rows) {
      const bool add = (rows + features) % 2 == 0;
      BackwardCase(rows, features, add).expect_close(!add && rows % 4 < 2);
    }
}

// Against the forward formula itself, so that both cannot be wrong together.
TEST(NormKernel, GradientIsThatOfTheNorm) {
  constexpr std::size_t kFeatures = 21;
  const PanelMatrix x = random_matrix(1, kFeatures, 1);
  const PanelMatrix dy = random_matrix(1, kFeatures, 2);
  const Kernels& kernels = kernels_for(best_target());
  const PanelMatrix y(1, kFeatures), dx(1, kFeatures);
  const GuardedFloats scale(kVectorLanes);
  kernels.rms_norm({x.view(), y.view(), scale.data(), 1, kFeatures});
  kernels.rms_norm_backward({y.view(), scale.data(), dy.view(), dx.view(), 1, kFeatures, false});
  const auto loss = [&](std::size_t moved, double step) {
    double squares = 0.0, product = 0.0;
    for (std::size_t f = 0; f < kFeatures; ++f) {
      const double v = x.value(0, f) + (f == moved ? step : 0.0);
      squares += v * v;
      product += v * dy.value(0, f);
    }
    return product / std::sqrt(squares / kFeatures + 1e-5);
  };
  for (std::size_t f = 0; f < kFeatures; ++f) EXPECT_NEAR(dx.value(0, f), (loss(f, 1e-5) - loss(f, -1e-5)) / 2e-5, 1e-5) << f;
}

}  // namespace
}  // namespace microgpt::fast::norm_test
