// SPDX-License-Identifier: MIT
#include "training/parameter_average.h"

#include <gtest/gtest.h>

#include <vector>

#include "support/models.h"

namespace microgpt::parameter_average_test {
namespace {

TEST(ParameterAverage, OfAllStepsIsTheirMean) {
  std::vector<double> parameters{100.0};
  const std::vector<double> gradient(1);
  ParameterAverage average(1.0, Buffers<double>{parameters, gradient});
  EXPECT_EQ(std::get<std::span<double>>(average.numbers())[0], 100.0) << "before the first step";
  double sum = 0.0;
  for (std::size_t step = 1; step <= 5; ++step) {
    parameters[0] = static_cast<double>(step * step);
    sum += parameters[0];
    average.take(std::span(parameters), step);
    EXPECT_NEAR(std::get<std::span<double>>(average.numbers())[0], sum / static_cast<double>(step), 1e-12);
  }
}

// The weights of steps 1 to 3 with a share of a half: steps move by 1, 1 / 1.5 and 1 / 2 of the way.
TEST(ParameterAverage, OfAShareCountsTheLastStepsMost) {
  std::vector<float> parameters{0.0F};
  const std::vector<float> gradient(1);
  ParameterAverage average(0.5, Buffers<float>{parameters, gradient});
  for (std::size_t step = 1; step <= 3; ++step) {
    parameters[0] = step == 2 ? 1.0F : 0.0F;
    average.take(std::span(parameters), step);
  }
  EXPECT_FLOAT_EQ(std::get<std::span<float>>(average.numbers())[0], 1.0F / 1.5F / 2.0F);
}

TEST(ParameterAverage, AnEngineComputesWithIt) {
  const Config config{.vocab_size = 5, .n_embd = 8, .n_head = 2, .block_size = 4};
  const Batch batch = testing::random_batch(config, {4, 3}, 0);
  const auto engine = make_fast_engine(config, {});
  engine->load(testing::random_parameters(config, 1));
  const std::vector<double> mean_losses = engine->losses(batch);
  ParameterAverage average(0.1, engine->buffers());
  engine->load(testing::random_parameters(config, 2));
  const std::vector<double> given_engine = engine->losses(batch);
  average.exchange(*engine);
  EXPECT_EQ(engine->losses(batch), mean_losses);
  average.exchange(*engine);
  EXPECT_EQ(engine->losses(batch), given_engine);
}

}  // namespace
}  // namespace microgpt::parameter_average_test
