// SPDX-License-Identifier: MIT
#include "optimizer/adam.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace microgpt::adam_test {
namespace {

TEST(Adam, FirstStepIsTheLearningRateAgainstTheSign) {
  // m_hat = g and v_hat = g^2 in the first step, so the step is the rate, but for epsilon and rounding.
  std::vector<double> parameters{1.0, 1.0, 1.0};
  const std::vector<double> gradient{0.5, -2.0, 0.0};
  const Buffers<double> buffers{parameters, gradient};
  Adam({0.85, 0.99, 1e-8}, buffers).step(buffers, 0.01);
  EXPECT_NEAR(parameters[0], 0.99, 1e-9);
  EXPECT_NEAR(parameters[1], 1.01, 1e-9);
  EXPECT_EQ(parameters[2], 1.0);
}

TEST(Adam, FollowsTheDefinitionOverSteps) {
  const AdamOptions options{0.9, 0.95, 1e-8};
  std::vector<double> parameters{0.3, -0.7};
  const std::vector<std::vector<double>> gradients{{0.1, -0.2}, {0.3, 0.05}, {-0.4, 0.0}, {0.0, 1e-9}};
  std::vector<double> expected = parameters;
  std::vector<double> m(2);
  std::vector<double> v(2);
  Adam adam(options, Buffers<double>{parameters, gradients[0]});
  for (std::size_t t = 1; t <= gradients.size(); ++t) {
    const double rate = 0.01 / static_cast<double>(t);
    adam.step(Buffers<double>{parameters, gradients[t - 1]}, rate);
    for (std::size_t i = 0; i < 2; ++i) {
      const double g = gradients[t - 1][i];
      m[i] = options.beta1 * m[i] + (1 - options.beta1) * g;
      v[i] = options.beta2 * v[i] + (1 - options.beta2) * g * g;
      const double m_hat = m[i] / (1 - std::pow(options.beta1, t));
      const double v_hat = v[i] / (1 - std::pow(options.beta2, t));
      expected[i] -= rate * m_hat / (std::sqrt(v_hat) + options.epsilon);
      EXPECT_NEAR(parameters[i], expected[i], 1e-15) << "step " << t;
    }
  }
}

// Decay is apart from the gradient: it shrinks what gets none, and by the rate.
TEST(Adam, WeightDecayIsDecoupled) {
  for (const double decay : {0.0, 0.5}) {
    std::vector<double> parameters{1.0, -2.0};
    const std::vector<double> gradient{0.0, 0.5};
    const Buffers<double> buffers{parameters, gradient};
    Adam({.weight_decay = decay}, buffers).step(buffers, 0.25);
    EXPECT_EQ(parameters[0], 1.0 - 0.25 * decay);
    EXPECT_NEAR(parameters[1], -2.0 * (1.0 - 0.25 * decay) - 0.25, 1e-7);
    std::vector<float> floats(16, 1.0F);
    const std::vector<float> none(16, 0.0F);
    const Buffers<float> float_adam{floats, none};
    Adam({.weight_decay = decay}, float_adam).step(float_adam, 0.25);
    EXPECT_EQ(floats[3], static_cast<float>(1.0 - 0.25 * decay));
  }
}

// A factor is a smaller gradient.
TEST(Adam, TakesTheGradientTimesItsFactor) {
  std::vector<double> some{0.3, -0.7}, others = some;
  std::vector<float> some_floats(16, 0.3F), other_floats = some_floats;
  Adam adam({}, Buffers<double>{some, some}), other_adam({}, Buffers<double>{others, others});
  Adam float_adam({}, Buffers<float>{some_floats, some_floats}), other_float_adam({}, Buffers<float>{some_floats, some_floats});
  for (const double g : {0.5, -0.25, 8.0}) {
    const std::vector<double> gradient{g, 2 * g}, quarter{g / 4, g / 2};
    adam.step(Buffers<double>{some, gradient}, 0.01, 0.25);
    other_adam.step(Buffers<double>{others, quarter}, 0.01);
    const std::vector<float> float_gradient(16, static_cast<float>(g)), float_quarter(16, static_cast<float>(g / 4));
    float_adam.step(Buffers<float>{some_floats, float_gradient}, 0.01, 0.25);
    other_float_adam.step(Buffers<float>{other_floats, float_quarter}, 0.01);
  }
  EXPECT_EQ(some, others);
  EXPECT_NE(some[0], 0.3);
  EXPECT_EQ(some_floats, other_floats);
}

}  // namespace
}  // namespace microgpt::adam_test
