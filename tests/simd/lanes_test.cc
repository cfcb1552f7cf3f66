// SPDX-License-Identifier: MIT
// The numeric contract of lanes-inl.h.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>

#include "engine/fast/kernels/comparison.h"
#include "engine/fast/kernels/panel_matrix.h"
#include "simd/lane_functions.h"

namespace microgpt::lanes_test {
namespace {

using testing::lane_functions_for;
using testing::LaneFunctions;

constexpr std::size_t kLanes = 16;

template <typename Compute>
std::vector<float> same_lanes_on_all_targets(const Compute& compute) {
  std::vector<float> expected = compute(lane_functions_for(best_target()));
  for (const Target target : available_targets())
    EXPECT_EQ(testing::describe_different_bits(compute(lane_functions_for(target)), expected), "") << name_of(target);
  return expected;
}

std::vector<float> applied(void (*LaneFunctions::*function)(std::span<const float>, float*),
                           const std::vector<float>& arguments) {
  return same_lanes_on_all_targets([&](const LaneFunctions& functions) {
    std::vector<float> results(arguments.size());
    (functions.*function)(arguments, results.data());
    return results;
  });
}

// Floats from `low` to `high`, both of one sign, `step` apart among all floats there are, up to a multiple of 16 of them.
std::vector<float> floats_between(float low, float high, std::uint32_t step) {
  std::uint32_t begin = std::bit_cast<std::uint32_t>(low), end = std::bit_cast<std::uint32_t>(high);
  if (begin > end) std::swap(begin, end);
  std::vector<float> floats;
  for (std::uint32_t bits = begin; bits < end; bits += std::min(step, end - bits)) floats.push_back(std::bit_cast<float>(bits));
  do floats.push_back(std::bit_cast<float>(end));
  while (floats.size() % kLanes != 0);
  return floats;
}

double ulps(float actual, double expected) {
  const auto nearest = static_cast<float>(expected);
  const double ulp = static_cast<double>(std::nextafter(nearest, HUGE_VALF)) - static_cast<double>(nearest);
  return std::abs(static_cast<double>(actual) - expected) / ulp;
}

// Returns the largest error in ulp.
double expect_exp_within_bound(const std::vector<float>& arguments) {
  const std::vector<float> results = applied(&LaneFunctions::exp, arguments);
  double largest = 0.0;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const double error = ulps(results[i], std::exp(static_cast<double>(arguments[i])));
    if (!(error <= testing::kExpUlps)) ADD_FAILURE() << fmt::format("exp({:a}) is {:a}", arguments[i], results[i]);
    largest = std::max(largest, error);
  }
  return largest;
}

TEST(Lanes, ExpIsWithinItsBound) {
  const double largest = expect_exp_within_bound(floats_between(-0x1p-30F, std::nextafter(-80.0F, 0.0F), 97));
  expect_exp_within_bound(floats_between(-1e-40F, -0x1p-30F, 9973));
  expect_exp_within_bound(floats_between(0x1p-30F, 40.0F, 997));
  RecordProperty("largest_error_in_ulps", fmt::format("{}", largest));
}

TEST(Lanes, ExpIsExactlyOneAtZeroAndZeroFarBelow) {
  std::vector<float> arguments(kLanes, 0.0F);
  arguments[1] = -0.0F;
  for (const float one : applied(&LaneFunctions::exp, arguments)) EXPECT_EQ(one, 1.0F);
  for (const float far : applied(&LaneFunctions::exp, floats_between(-80.0F, -3e38F, 99991))) ASSERT_EQ(far, 0.0F);
  for (const float none : applied(&LaneFunctions::exp, std::vector<float>(kLanes, -1e30F))) EXPECT_EQ(none, 0.0F);
}

TEST(Lanes, LogIsWithinItsBound) {
  const std::vector<float> arguments = floats_between(0x1p-126F, 3.4e38F, 1999);
  const std::vector<float> results = applied(&LaneFunctions::log, arguments);
  double largest = 0.0;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const double expected = std::log(static_cast<double>(arguments[i]));
    const double difference = std::abs(static_cast<double>(results[i]) - expected);
    const bool near_one = arguments[i] > 0.5F && arguments[i] < 2.0F;
    const double bound = near_one ? testing::kLogAbsolute : testing::kLogRelative * std::abs(expected);
    ASSERT_LE(difference, bound) << fmt::format("log({}) is {}", arguments[i], results[i]);
    largest = std::max(largest, difference / bound);
  }
  ::testing::Test::RecordProperty("largest_share_of_bound", fmt::format("{}", largest));
}

// Sums of e^x start at 1: there the error of the logarithm is that of the loss.
TEST(Lanes, LogNearOne) {
  const std::vector<float> arguments = floats_between(0.70F, 2.0F, 7);
  const std::vector<float> results = applied(&LaneFunctions::log, arguments);
  for (std::size_t i = 0; i < arguments.size(); ++i)
    ASSERT_NEAR(static_cast<double>(results[i]), std::log(static_cast<double>(arguments[i])), testing::kLogAbsolute);
  EXPECT_EQ(applied(&LaneFunctions::log, std::vector<float>(kLanes, 1.0F)).front(), 0.0F);
}

TEST(Lanes, RootsAreWithinTheirBound) {
  const std::vector<float> arguments = floats_between(0x1p-126F, 3.4e38F, 1999);
  const std::vector<float> inverses = applied(&LaneFunctions::inverse_sqrt, arguments);
  const std::vector<float> roots = applied(&LaneFunctions::square_root, arguments);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const double root = std::sqrt(static_cast<double>(arguments[i]));
    ASSERT_LE(ulps(roots[i], root), testing::kRootUlps) << fmt::format("{:a}", arguments[i]);
    ASSERT_LE(ulps(inverses[i], 1.0 / root), testing::kRootUlps) << fmt::format("{:a}", arguments[i]);
  }
  EXPECT_EQ(applied(&LaneFunctions::square_root, std::vector<float>(kLanes, 0.0F)).front(), 0.0F);
}

std::vector<float> random_square(std::uint64_t seed) {
  PythonRandom random(seed);
  std::vector<float> square;
  for (std::size_t i = 0; i < kLanes * kLanes; ++i)
    square.push_back(std::ldexp(testing::random_float(random), static_cast<int>(random.randbelow(20))));
  return square;
}

// Within each four lanes (x0 + x2) + (x1 + x3), then over the four sums likewise.
float tree_of_sums(const float* x) {
  float four[4];
  for (std::size_t i = 0; i < 4; ++i) four[i] = (x[4 * i] + x[4 * i + 2]) + (x[4 * i + 1] + x[4 * i + 3]);
  return (four[0] + four[2]) + (four[1] + four[3]);
}

TEST(Lanes, SumsOverLanesAreTheTree) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const std::vector<float> square = random_square(seed);
    std::vector<float> expected;
    for (std::size_t row = 0; row < kLanes; ++row) expected.push_back(tree_of_sums(&square[row * kLanes]));
    const auto sums = [&](const LaneFunctions& functions) {
      std::vector<float> results(kLanes);
      functions.lane_sums(square.data(), results.data());
      return results;
    };
    EXPECT_EQ(testing::describe_different_bits(same_lanes_on_all_targets(sums), expected), "");
    const auto broadcast_sum = [&](const LaneFunctions& functions) {
      std::vector<float> x(square.begin(), square.begin() + kLanes);
      functions.broadcast_sum(x.data());
      return x;
    };
    EXPECT_EQ(testing::describe_different_bits(same_lanes_on_all_targets(broadcast_sum), std::vector(kLanes, expected[0])), "");
  }
}

TEST(Lanes, MaximaOverLanes) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const std::vector<float> square = random_square(seed);
    std::vector<float> expected;
    for (std::size_t row = 0; row < kLanes; ++row)
      expected.push_back(*std::max_element(&square[row * kLanes], &square[row * kLanes] + kLanes));
    const auto maxima = [&](const LaneFunctions& functions) {
      std::vector<float> results(kLanes);
      functions.lane_maxima(square.data(), results.data());
      return results;
    };
    EXPECT_EQ(testing::describe_different_bits(same_lanes_on_all_targets(maxima), expected), "");
    const auto broadcast_maximum = [&](const LaneFunctions& functions) {
      std::vector<float> x(square.begin(), square.begin() + kLanes);
      functions.broadcast_maximum(x.data());
      return x;
    };
    EXPECT_EQ(testing::describe_different_bits(same_lanes_on_all_targets(broadcast_maximum), std::vector(kLanes, expected[0])),
              "");
  }
}

TEST(Lanes, Transpose) {
  const std::vector<float> square = random_square(1);
  std::vector<float> expected(square.size());
  for (std::size_t i = 0; i < kLanes; ++i)
    for (std::size_t j = 0; j < kLanes; ++j) expected[j * kLanes + i] = square[i * kLanes + j];
  const auto transposed = [&](const LaneFunctions& functions) {
    std::vector<float> results = square;
    functions.transpose(results.data());
    return results;
  };
  EXPECT_EQ(testing::describe_different_bits(same_lanes_on_all_targets(transposed), expected), "");
}

TEST(Lanes, FirstLanes) {
  const std::vector<float> a(kLanes, 1.0F), b(kLanes, testing::kPoison);
  for (std::size_t n = 0; n <= 40; ++n) {
    std::vector<float> expected = b;
    std::fill_n(expected.begin(), std::min(n, kLanes), 1.0F);
    const auto chosen = [&](const LaneFunctions& functions) {
      std::vector<float> results(kLanes);
      functions.first_lanes(a.data(), n, b.data(), results.data());
      return results;
    };
    EXPECT_EQ(testing::describe_different_bits(same_lanes_on_all_targets(chosen), expected), "") << n;
  }
}

}  // namespace
}  // namespace microgpt::lanes_test
