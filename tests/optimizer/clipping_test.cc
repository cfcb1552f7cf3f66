// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "optimizer/optimizer.h"
#include "support/models.h"

namespace microgpt::clipping_test {
namespace {

TEST(Clipping, MakesTheNormTheLimitWhereItIsLarger) {
  EXPECT_EQ(clipping_factor(4.0, 1.0), 0.25);
  EXPECT_EQ(clipping_factor(1.0, 1.0), 1.0);
  EXPECT_EQ(clipping_factor(0.5, 1.0), 1.0);
  EXPECT_EQ(clipping_factor(0.0, 1.0), 1.0);
}

TEST(Clipping, NormOfDoubles) {
  std::vector<double> parameters(3);
  const std::vector<double> gradient{3.0, 0.0, -4.0};
  EXPECT_EQ(gradient_norm(Buffers<double>{parameters, gradient}), 5.0);
}

TEST(Clipping, AnyNumberThatIsNoneShows) {
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    std::vector<double> parameters(2);
    const std::vector<double> gradient{1.0, bad};
    EXPECT_FALSE(std::isfinite(gradient_norm(Buffers<double>{parameters, gradient})));
    std::vector<float> floats(32);
    const std::vector<float> float_adam{[&] {
      std::vector<float> values(32, 1.0F);
      values[17] = static_cast<float>(bad);
      return values;
    }()};
    EXPECT_FALSE(std::isfinite(gradient_norm(Buffers<float>{floats, float_adam})));
  }
}

// The padding of the fast engine's layout counts nothing, whatever the shape: the norm is that of the gradient in table order.
TEST(Clipping, NormIsThatOfTheParametersAlone) {
  for (Config config : testing::small_shapes()) {
    config.block_size += 3;
    for (const std::size_t width : {config.n_embd, config.n_head * 21}) {
      config.n_embd = width;
      const auto engine = make_fast_engine(config);
      engine->load(testing::random_parameters(config, 1));
      for (const double dropout : {0.0, 0.3}) {
        engine->loss_and_gradient(testing::random_batch(config, {config.block_size, 1, 2}, 1), {dropout});
        std::vector<double> gradient(ParameterTable(config).parameter_count());
        engine->store_gradient(gradient);
        double sum = 0.0;
        for (const double g : gradient) sum += g * g;
        EXPECT_GT(sum, 0.0);
        EXPECT_NEAR(gradient_norm(engine->buffers()), std::sqrt(sum), 1e-12 * std::sqrt(sum)) << "width " << width;
      }
    }
  }
}

}  // namespace
}  // namespace microgpt::clipping_test
