// The fast engine against the graph engine, on every instruction set of this machine.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/graph/graph_engine.h"
#include "microgpt/engine.h"
#include "support/closeness.h"
#include "support/models.h"

namespace microgpt {
namespace {

constexpr double kTolerance = 1e-5;  // of the tensor's largest gradient, and of a loss

struct Results {
  double loss = 0.0;
  std::vector<double> losses;
  std::vector<double> gradient;
};

Results results_of(Engine& engine, const std::vector<double>& parameters, const Batch& batch) {
  Results results;
  engine.load(parameters);
  results.losses = engine.losses(batch);
  results.loss = engine.loss_and_gradient(batch);
  results.gradient.resize(parameters.size());
  engine.store_gradient(results.gradient);
  return results;
}

// Parameters in float32, so that both engines have the same.
std::vector<double> float_parameters(const Config& config, std::uint64_t seed) {
  std::vector<double> parameters = testing::random_parameters(config, seed, 0.5 / std::sqrt(static_cast<double>(config.n_embd)));
  for (double& p : parameters) p = static_cast<double>(static_cast<float>(p));
  return parameters;
}

struct Shape {
  Config config;
  std::vector<std::size_t> positions;
};

Shape random_shape(std::uint64_t seed) {
  PythonRandom random(seed);
  const auto between = [&](std::size_t low, std::size_t high) { return low + random.randbelow(high - low + 1); };
  Shape shape;
  Config& config = shape.config;
  config.n_layer = between(1, 4);
  config.n_embd = between(4, 160);
  std::vector<std::size_t> divisors;
  for (std::size_t h = 1; h <= config.n_embd; ++h)
    if (config.n_embd % h == 0) divisors.push_back(h);
  config.n_head = divisors[random.randbelow(divisors.size())];
  config.block_size = between(1, 64);
  config.vocab_size = between(2, 300);
  config.activation = random.randbelow(2) == 0 ? Activation::relu : Activation::squared_relu;
  // The graph of a large model is slow: fewer documents for it.
  const std::size_t documents = between(1, config.n_embd * config.n_layer > 200 ? 2 : 5);
  for (std::size_t d = 0; d < documents; ++d) shape.positions.push_back(between(1, config.block_size));
  shape.positions.front() = 1;
  shape.positions.back() = config.block_size;
  return shape;
}

std::string describe(const Shape& shape) {
  const Config& c = shape.config;
  return fmt::format("{} layers, width {}, {} heads, context {}, {} tokens, {}, {} documents", c.n_layer, c.n_embd, c.n_head,
                     c.block_size, c.vocab_size, c.activation == Activation::relu ? "relu" : "squared relu",
                     shape.positions.size());
}

class FastEngineTest : public ::testing::TestWithParam<std::size_t> {};

TEST_P(FastEngineTest, AgreesWithTheGraphEngine) {
  const Shape shape = random_shape(GetParam());
  SCOPED_TRACE(describe(shape));
  const ParameterTable table(shape.config);
  const Batch batch = testing::random_batch(shape.config, shape.positions, GetParam() + 1000);
  const std::vector<double> parameters = float_parameters(shape.config, GetParam() + 2000);
  const auto graph = make_graph_engine(shape.config);
  const Results expected = results_of(*graph, parameters, batch);
  for (const Target target : available_targets()) {
    for (const PrefixSharing sharing : {PrefixSharing::where_it_pays, PrefixSharing::never}) {
      SCOPED_TRACE(name_of(target));
      const auto fast = make_fast_engine(shape.config, {target, sharing});
      const Results actual = results_of(*fast, parameters, batch);
      EXPECT_NEAR(actual.loss, expected.loss, kTolerance * expected.loss);
      ASSERT_EQ(actual.losses.size(), expected.losses.size());
      for (std::size_t i = 0; i < actual.losses.size(); ++i)
        EXPECT_NEAR(actual.losses[i], expected.losses[i], kTolerance * expected.losses[i]) << "position " << i;
      EXPECT_EQ(testing::find_far_element(table, actual.gradient, expected.gradient, kTolerance), std::nullopt);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(RandomShapes, FastEngineTest, ::testing::Range(std::size_t{0}, std::size_t{40}));

}  // namespace
}  // namespace microgpt
