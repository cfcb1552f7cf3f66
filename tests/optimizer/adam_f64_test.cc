// SPDX-License-Identifier: MIT
// Adam in double precision, bit by bit beside microgpt.py's lines in plain C++.
#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <vector>

#include "optimizer/adam.h"
#include "random/python_random.h"
#include "support/closeness.h"

namespace microgpt::adam_f64_test {
namespace {

using testing::find_different_bits;

struct PlainAdam {
  AdamOptions options;
  std::vector<double> m;
  std::vector<double> v;
  double t = 0.0;

  void step(std::vector<double>& parameters, const std::vector<double>& gradient, double rate, double factor) {
    t += 1.0;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const double g = factor * gradient[i];
      m[i] = options.beta1 * m[i] + (1.0 - options.beta1) * g;
      v[i] = options.beta2 * v[i] + (1.0 - options.beta2) * std::pow(g, 2.0);
      const double m_hat = m[i] / (1.0 - std::pow(options.beta1, t));
      const double v_hat = v[i] / (1.0 - std::pow(options.beta2, t));
      parameters[i] *= 1.0 - rate * options.weight_decay;
      parameters[i] -= rate * m_hat / (std::pow(v_hat, 0.5) + options.epsilon);
    }
  }
};

// Gradients of all sizes, and 0: for a while, for ever, and as small as numbers get.
double random_gradient(PythonRandom& random, std::size_t element, std::size_t step) {
  const double sign = random.randbelow(2) == 0 ? 1.0 : -1.0;
  const double x = sign * (1.0 + random.random());
  switch (element % 8) {
    case 0:
      return 0.0;
    case 1:
      return step < 3 ? x : 0.0;
    case 2:
      return std::ldexp(x, static_cast<int>(random.randbelow(2000)) - 1060);
    case 3:
      return random.randbelow(3) == 0 ? 0.0 : x * 1e-3;
    case 4:
      return std::ldexp(x, -60);
    default:
      return std::ldexp(x, -static_cast<int>(random.randbelow(20)));
  }
}

TEST(ExactAdam, HasTheBitsOfThePlainOne) {
  for (const std::size_t size : {1U, 2U, 7U, 8U, 9U, 255U, 256U, 257U, 600U})
    for (const AdamOptions& options : {AdamOptions{}, AdamOptions{0.9, 0.95, 1e-8}, AdamOptions{0.3, 0.999, 1e-8, 0.1}}) {
      for (const Target target : available_targets()) {
        PythonRandom random(size);
        PlainAdam plain{options, std::vector<double>(size), std::vector<double>(size)};
        std::vector<double> expected(size), gradient(size);
        for (double& p : expected) p = random.random() - 0.5;
        std::vector<double> actual = expected;
        Adam adam(options, Buffers<double>{actual, gradient}, target);
        for (std::size_t step = 0; step < 40; ++step) {
          for (std::size_t i = 0; i < size; ++i) gradient[i] = random_gradient(random, i, step);
          const double rate = 0.01 / static_cast<double>(step + 1), factor = step % 3 == 0 ? 0.7 : 1.0;
          plain.step(expected, gradient, rate, factor);
          adam.step(Buffers<double>{actual, gradient}, rate, factor);
        }
        ASSERT_EQ(find_different_bits(actual, expected), std::nullopt) << size << " parameters, " << name_of(target);
        ASSERT_EQ(find_different_bits(std::get<std::span<double>>(adam.mean()), plain.m), std::nullopt) << name_of(target);
        ASSERT_EQ(find_different_bits(std::get<std::span<double>>(adam.square()), plain.v), std::nullopt) << name_of(target);
      }
    }
}

// What has no gradient for thousands of steps has moments that are no normal numbers any more.
TEST(ExactAdam, HasTheBitsOfThePlainOneWithMomentsThatFadeAway) {
  for (const Target target : available_targets()) {
    PlainAdam plain{{0.85, 0.9}, std::vector<double>(20), std::vector<double>(20)};
    std::vector<double> expected(20, 1.0), actual = expected, gradient(20);
    for (std::size_t i = 0; i < 20; ++i) gradient[i] = 0.1 * static_cast<double>(i) - 1.0;
    Adam adam(plain.options, Buffers<double>{actual, gradient}, target);
    for (std::size_t step = 0; step < 8000; ++step) {
      plain.step(expected, gradient, 0.01, 1.0);
      adam.step(Buffers<double>{actual, gradient}, 0.01);
      gradient.assign(20, 0.0);
    }
    EXPECT_EQ(find_different_bits(actual, expected), std::nullopt);
    EXPECT_EQ(find_different_bits(std::get<std::span<double>>(adam.mean()), plain.m), std::nullopt);
    EXPECT_EQ(find_different_bits(std::get<std::span<double>>(adam.square()), plain.v), std::nullopt);
  }
}

}  // namespace
}  // namespace microgpt::adam_f64_test
