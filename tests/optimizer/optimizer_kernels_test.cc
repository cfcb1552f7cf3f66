// SPDX-License-Identifier: MIT
// AdamCallF32 and the sum of squares, on every target.
#include "optimizer/kernels/optimizer_kernels.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/fast/kernels/comparison.h"
#include "engine/fast/kernels/panel_matrix.h"

namespace microgpt::optimizer_kernels_test {
namespace {

using testing::Comparison;
using testing::GuardedFloats;

constexpr std::size_t kSizes[] = {16, 32, 48, 64, 80, 112, 160, 1024};

struct AdamState {
  std::vector<float> parameters, gradient, m, v;
};

AdamState random_state(std::size_t size, std::uint64_t seed) {
  PythonRandom random(seed);
  AdamState state;
  for (std::size_t i = 0; i < size; ++i) {
    state.parameters.push_back(testing::random_float(random));
    state.gradient.push_back(std::ldexp(testing::random_float(random), -static_cast<int>(random.randbelow(24))));
    state.m.push_back(std::ldexp(testing::random_float(random), -static_cast<int>(random.randbelow(24))));
    state.v.push_back(std::ldexp(std::abs(testing::random_float(random)), -static_cast<int>(random.randbelow(40))));
  }
  return state;
}

// Exact products: the test need not know how they are rounded.
constexpr float kGradientFactor = 0.375F;
constexpr float kKeep = 0.96875F;

AdamCallF32 with_constants(float gradient_factor, float keep) {
  AdamCallF32 call{};
  call.gradient_factor = gradient_factor;
  call.keep = keep;
  call.beta1 = 0.85F;
  call.beta2 = 0.99F;
  call.epsilon = 1e-8F;
  call.rate = 0.0125F;
  return call;
}

GuardedFloats guarded(const std::vector<float>& values) {
  GuardedFloats floats(values.size());
  std::copy(values.begin(), values.end(), floats.data());
  return floats;
}

// `call` but for its floats, which are those of the state.
std::vector<float> adam_on(const OptimizerKernels& kernels, AdamCallF32 call, const AdamState& state) {
  const GuardedFloats parameters = guarded(state.parameters), gradient = guarded(state.gradient), m = guarded(state.m),
                      v = guarded(state.v);
  call.parameters = parameters.span();
  call.gradient = gradient.span();
  call.m = m.span();
  call.v = v.span();
  kernels.adam_f32(call);
  EXPECT_TRUE(parameters.is_guard_whole() && m.is_guard_whole() && v.is_guard_whole());
  std::vector<float> results;
  for (const GuardedFloats* floats : {&m, &v, &parameters})
    results.insert(results.end(), floats->span().begin(), floats->span().end());
  return results;
}

void expect_to_follow_the_formula(const AdamCallF32& call) {
  for (const std::size_t size : kSizes) {
    const AdamState state = random_state(size, size);
    const std::vector<float> actual =
        testing::same_on_all_targets([&](const OptimizerKernels& k) { return adam_on(k, call, state); }, optimizer_kernels_for);
    Comparison moment_comparison, parameter_comparison;
    for (std::size_t i = 0; i < size; ++i) {
      const double g = static_cast<double>(state.gradient[i]) * static_cast<double>(call.gradient_factor);
      const auto beta1 = static_cast<double>(call.beta1), beta2 = static_cast<double>(call.beta2);
      testing::ExactSum m, v;
      m.add(beta1 * static_cast<double>(state.m[i]));
      m.add((1.0 - beta1) * g);
      v.add(beta2 * static_cast<double>(state.v[i]));
      v.add((1.0 - beta2) * g * g);
      moment_comparison.add(actual[i], m);
      moment_comparison.add(actual[size + i], v);
      const double per_moment = static_cast<double>(call.rate) / (std::sqrt(v.value) + static_cast<double>(call.epsilon));
      const auto p = static_cast<double>(state.parameters[i]) * static_cast<double>(call.keep);
      parameter_comparison.add(actual[2 * size + i], p - m.value * per_moment, std::abs(p) + m.magnitude * per_moment);
    }
    EXPECT_EQ(moment_comparison.describe_failure(testing::kTolerances.adam_moment), "") << size;
    EXPECT_EQ(parameter_comparison.describe_failure(testing::kTolerances.adam_step), "") << size;
  }
}

TEST(AdamKernel, FollowsTheFormula) { expect_to_follow_the_formula(with_constants(kGradientFactor, kKeep)); }

TEST(AdamKernel, FollowsTheFormulaWithoutClippingOrDecay) {
  for (const float gradient_factor : {1.0F, kGradientFactor})
    expect_to_follow_the_formula(with_constants(gradient_factor, 1.0F));
  expect_to_follow_the_formula(with_constants(1.0F, kKeep));
}

// What gets no gradient stays where it is, and padding stays 0.
TEST(AdamKernel, ZeroStaysZero) {
  const std::vector<float> zeros(32, 0.0F);
  const std::vector<float> actual = testing::same_on_all_targets(
      [&](const OptimizerKernels& k) {
        return adam_on(k, with_constants(kGradientFactor, kKeep), {zeros, zeros, zeros, zeros});
      },
      optimizer_kernels_for);
  EXPECT_EQ(testing::describe_different_bits(actual, std::vector<float>(96, 0.0F)), "");
}

double squares_on_all_targets(std::span<const float> x) {
  const double expected = optimizer_kernels_for(available_targets().front()).sum_of_squares(x);
  for (const Target target : available_targets().subspan(1))
    EXPECT_EQ(optimizer_kernels_for(target).sum_of_squares(x), expected) << name_of(target);
  return expected;
}

TEST(SumOfSquaresKernel, AllSizes) {
  for (const std::size_t size : kSizes) {
    const AdamState state = random_state(size, size);
    GuardedFloats x = guarded(state.gradient);
    double expected = 0.0;
    for (const float value : state.gradient) expected += static_cast<double>(value) * static_cast<double>(value);
    EXPECT_NEAR(squares_on_all_targets(x.span()), expected, 1e-14 * expected) << size;
    for (std::size_t i = 0; i < size; ++i) {
      x.fill(0.0F);
      x.data()[i] = 3.0F;
      EXPECT_EQ(squares_on_all_targets(x.span()), 9.0) << i << " of " << size;
    }
  }
}

TEST(SumOfSquaresKernel, LargeNumbersAndMany) {
  GuardedFloats x(1 << 20);
  for (const float value : {3e38F, 0.1F}) {
    x.fill(value);
    const double expected = std::ldexp(static_cast<double>(value) * static_cast<double>(value), 20);
    EXPECT_NEAR(squares_on_all_targets(x.span()), expected, 1e-11 * expected);  // each lane adds up 65536
  }
}

}  // namespace
}  // namespace microgpt::optimizer_kernels_test
