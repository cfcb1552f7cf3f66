// SPDX-License-Identifier: MIT
#include "simd/denormals_as_zero.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <variant>
#include <vector>

#include "engine/engine.h"
#include "microgpt/parameters.h"
#include "support/models.h"

namespace microgpt::denormals_as_zero_test {
namespace {

#if defined(__x86_64__) || defined(__aarch64__)

constexpr float kMinNormal = std::numeric_limits<float>::min();

float half_of(float x) {
  volatile float operand = x;
  return operand * 0.5F;
}

TEST(DenormalsAsZero, AsLongAsItLives) {
  EXPECT_EQ(half_of(kMinNormal), kMinNormal / 2);
  {
    const DenormalsAsZero outer;
    EXPECT_EQ(half_of(kMinNormal), 0.0F);
    { const DenormalsAsZero inner; }
    EXPECT_EQ(half_of(kMinNormal), 0.0F);
    EXPECT_EQ(half_of(2 * kMinNormal), kMinNormal);
  }
  EXPECT_EQ(half_of(kMinNormal), kMinNormal / 2);
}

// The gradient of the queries' weights has the values' and the output's as factors.
std::vector<double> with_faint_values_and_outputs(const Config& config) {
  std::vector<double> parameters = testing::random_parameters(config, 1);
  const ParameterTable table(config);
  for (const Tensor& tensor : table.tensors())
    if (tensor.name == "layer0.attn_wv" || tensor.name == "layer0.attn_wo")
      for (std::size_t i = 0; i < tensor.size(); ++i) parameters[tensor.offset + i] *= 1e-20;
  return parameters;
}

TEST(DenormalsAsZero, NoneInAGradient) {
  const Config config;
  const Batch batch = testing::random_batch(config, std::vector<std::size_t>(64, 12), 1);  // some shards
  ThreadTeam alone(1), team(4);
  for (const Target target : available_targets()) {
    for (ThreadTeam* const workers : {&alone, &team}) {
      const auto engine = make_fast_engine(config, {.target = target, .team = workers});
      engine->load(with_faint_values_and_outputs(config));
      engine->loss_and_gradient(batch);
      const AnyBuffers buffers = engine->buffers();
      std::size_t denormals = 0, numbers = 0;
      for (const float g : std::get<Buffers<float>>(buffers).gradient) {
        denormals += std::fpclassify(g) == FP_SUBNORMAL ? 1 : 0;
        numbers += g != 0.0F ? 1 : 0;
      }
      EXPECT_EQ(denormals, 0U) << name_of(target);
      EXPECT_GT(numbers, 100U);
      EXPECT_EQ(half_of(kMinNormal), kMinNormal / 2) << "the caller's own arithmetic";
    }
  }
}

#endif

}  // namespace
}  // namespace microgpt::denormals_as_zero_test
