// SPDX-License-Identifier: MIT
// What a kernel computes on each instruction set, and how far it is from what a test expects.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "engine/fast/kernels/kernels.h"
#include "engine/fast/kernels/tolerances.h"
#include "simd/target.h"

namespace microgpt::testing {

// Where the bits of two results differ, in words; empty where they do not.
inline std::string describe_different_bits(const std::vector<float>& actual, const std::vector<float>& expected) {
  if (actual.empty()) return "there is nothing to compare";
  if (actual.size() != expected.size()) return fmt::format("{} numbers instead of {}", actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i)
    if (std::memcmp(&actual[i], &expected[i], sizeof(float)) != 0)
      return fmt::format("number {} is {:a} instead of {:a}", i, actual[i], expected[i]);
  return "";
}

// compute(kernels) gives the numbers that count, as a vector. Expects the same bits from every target and returns them, so that
// what is found about them holds for all targets.
template <typename Compute, typename Table = fast::Kernels>
std::vector<float> same_on_all_targets(const Compute& compute, const Table& (*table)(Target) = fast::kernels_for) {
  const std::vector<float> expected = compute(table(available_targets().front()));
  for (const Target target : available_targets().subspan(1))
    EXPECT_EQ(describe_different_bits(compute(table(target)), expected), "") << name_of(target);
  return expected;
}

// A sum in double precision and the sum of the absolute values.
struct ExactSum {
  double value = 0.0;
  double magnitude = 0.0;

  void add(double term) {
    value += term;
    magnitude += std::abs(term);
  }
};

// Collects the largest error, so that a matrix makes one line of output and not one an element.
class Comparison {
 public:
  void add(float actual, double expected, double magnitude) {
    ++count_;
    const double difference = std::abs(static_cast<double>(actual) - expected);
    const double error = difference == 0.0 ? 0.0 : difference / (kUnit * magnitude);
    if (error <= largest_) return;  // NaN goes on
    largest_ = std::isnan(error) ? HUGE_VAL : error;
    worst_ = fmt::format("number {} of the comparison is {} instead of {}", count_ - 1, actual, expected);
  }
  void add(float actual, const ExactSum& expected) { add(actual, expected.value, expected.magnitude); }

  // Empty where something was compared and no error is larger than `tolerance` units.
  std::string describe_failure(double tolerance) const {
    if (count_ == 0) return "there is nothing to compare";
    if (largest_ <= tolerance) return "";
    return fmt::format("{}: {} units of {}", worst_, largest_, tolerance);
  }

  double largest() const { return largest_; }

 private:
  std::size_t count_ = 0;
  double largest_ = 0.0;
  std::string worst_;
};

}  // namespace microgpt::testing
