// SPDX-License-Identifier: MIT
// The fast engine against the graph engine, on every instruction set of this machine.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/fast/agreement.h"
#include "engine/fast/panels.h"
#include "microgpt/parameters.h"
#include "support/length.h"
#include "support/models.h"

namespace microgpt::fast::fast_engine_test {
namespace {

using testing::Shape;

// A graph has two nodes for each parameter and position: what a test can afford of their product.
std::size_t affordable_positions(const Config& config, std::size_t max_nodes) {
  return std::max<std::size_t>(1, max_nodes / (2 * ParameterTable(config).parameter_count()));
}

Shape random_shape(std::uint64_t seed) {
  PythonRandom random(seed);
  const auto between = [&](std::size_t low, std::size_t high) { return low + random.randbelow(high - low + 1); };
  Shape shape;
  Config& config = shape.config;
  config.n_embd = between(4, seed % 2 == 0 ? 48 : 160);
  config.n_layer = between(1, config.n_embd < 64 ? 4 : 2);
  std::vector<std::size_t> divisors;
  for (std::size_t h = 1; h <= config.n_embd; ++h)
    if (config.n_embd % h == 0) divisors.push_back(h);
  config.n_head = divisors[random.randbelow(divisors.size())];
  config.vocab_size = between(2, seed % 4 == 0 ? 300 : 70);
  config.activation = random.randbelow(2) == 0 ? Activation::relu : Activation::squared_relu;
  const std::size_t affordable = affordable_positions(config, testing::full_or(4'000'000, 400'000));
  config.block_size = between(1, std::min<std::size_t>(64, affordable));
  shape.positions = {1, config.block_size};
  for (std::size_t left = affordable - std::min(affordable, config.block_size); left > 0 && shape.positions.size() < 6;) {
    shape.positions.push_back(between(1, std::min(left, config.block_size)));
    left -= shape.positions.back();
  }
  return shape;
}

class FastEngineTest : public ::testing::TestWithParam<std::size_t> {};

TEST_P(FastEngineTest, AgreesWithTheGraphEngine) { testing::expect_agreement(random_shape(GetParam()), GetParam()); }

INSTANTIATE_TEST_SUITE_P(RandomShapes, FastEngineTest, ::testing::Range(std::size_t{0}, testing::full_or(40, 10)));

class FastEngineWidthTest : public ::testing::TestWithParam<std::size_t> {};

// All widths with the same remainder: one short document and one of a single position.
TEST_P(FastEngineWidthTest, AgreesWithTheGraphEngine) {
  for (std::size_t width = GetParam(); width <= testing::full_or(160, 40); width += kVectorLanes) {
    const std::size_t heads = width % 4 == 0 ? 4 : width % 3 == 0 ? 3 : width % 2 == 0 ? 2 : 1;
    Config config{.vocab_size = 2 + width % 33, .n_embd = width, .n_head = heads, .block_size = 3};
    config.activation = width % 5 == 0 ? Activation::squared_relu : Activation::relu;
    testing::expect_agreement(Shape{config, width < 64 ? std::vector<std::size_t>{3, 1, 2} : std::vector<std::size_t>{3}},
                              width);
  }
}

INSTANTIATE_TEST_SUITE_P(Remainders, FastEngineWidthTest, ::testing::Range(std::size_t{4}, std::size_t{4 + kVectorLanes}));

TEST(FastEngine, NumbersOfHeads) {
  for (const std::size_t heads : {1U, 2U, 3U, 4U, 5U, 8U, 12U, 16U})
    for (const std::size_t head_dim : {1U, 3U, 4U, 5U, 8U, 16U, 32U}) {
      Config config{.vocab_size = 9, .n_embd = heads * head_dim, .n_head = heads, .block_size = 40};
      if (config.n_embd > testing::full_or(160, 40)) continue;
      // On both sides of the length at which attention changes its way, where that can be afforded.
      config.block_size = std::min<std::size_t>(40, affordable_positions(config, testing::full_or(1'000'000, 200'000)));
      testing::expect_agreement(Shape{config, {config.block_size, 1, (config.block_size + 1) / 2}}, heads * 100 + head_dim);
    }
}

// Past the 256 queries that attention takes at a time.
TEST(FastEngine, LongDocuments) {
  Config config{.vocab_size = 5, .n_embd = 4, .n_head = 2, .block_size = 300};
  testing::expect_agreement(Shape{config, {300, 1, 257}}, 1);
  config.n_embd = 16;
  config.n_head = 4;
  testing::expect_agreement(Shape{config, {300}}, 2);
}

// A batch of names' lengths, and some alike, at a width at which the graph is small.
Batch many_documents(const Config& config, std::size_t positions, std::uint64_t seed) {
  PythonRandom random(seed);
  Batch batch;
  while (batch.positions() < positions)
    batch.append(testing::random_document(config, 1 + random.randbelow(config.block_size), random), config.block_size);
  return batch;
}

TEST(FastEngine, SeveralShards) {
  const Config config{.vocab_size = 7, .n_embd = 4, .n_head = 2, .block_size = 13};
  for (const std::size_t positions : {200U, 400U, 800U, 1600U, 3100U, 5000U}) {
    if (positions > testing::full_or(5000, 800)) break;
    SCOPED_TRACE(positions);
    testing::expect_agreement(config, many_documents(config, positions, positions), positions);
  }
}

TEST(FastEngine, TheMeanOverTokens) {
  const Config config{.vocab_size = 7, .n_embd = 8, .n_head = 2, .block_size = 13};
  for (const std::size_t positions : {20U, 400U, 800U}) {  // the last two: some shards
    SCOPED_TRACE(positions);
    testing::expect_agreement(config, many_documents(config, positions, positions), positions, {}, LossMean::token);
  }
}

// Documents of which the first positions are only read, and others.
TEST(FastEngine, PositionsThatCountNothing) {
  const Config config{.vocab_size = 7, .n_embd = 8, .n_head = 2, .block_size = 13};
  for (const std::size_t positions : {20U, 400U, 800U}) {
    PythonRandom random(positions);
    Batch batch;
    while (batch.positions() < positions) {
      const std::size_t size = 1 + random.randbelow(config.block_size);
      batch.append(testing::random_document(config, size, random), config.block_size);
      if (batch.documents() % 3 > 0) batch.set_context(random.randbelow(size));
    }
    for (const LossMean mean : {LossMean::document, LossMean::token}) {
      SCOPED_TRACE(positions);
      testing::expect_agreement(config, batch, positions, {}, mean);
    }
  }
}

// Shards without a document: one that is longer than all shards before it should be.
TEST(FastEngine, EmptyShards) {
  const Config config{.vocab_size = 5, .n_embd = 4, .n_head = 1, .block_size = 700};
  testing::expect_agreement(Shape{config, {700, 100, 3}}, 3);
  testing::expect_agreement(Shape{config, {3, 1, 700, 100}}, 4);
}

TEST(FastEngine, Dropout) {
  for (std::uint64_t seed = 0; seed < testing::full_or(16, 4); ++seed) {
    Shape shape = random_shape(seed);
    if (shape.config.n_embd > 64) shape.config.activation = Activation::squared_relu;  // of many relus some are on the edge
    testing::expect_agreement(shape, seed, {0.05 + 0.05 * static_cast<double>(seed), seed, 1000 + seed});
  }
  const Config config{.vocab_size = 7, .n_layer = 2, .n_embd = 8, .n_head = 2, .block_size = 13};
  for (const std::size_t positions : {200U, 800U}) {  // some shards
    SCOPED_TRACE(positions);
    testing::expect_agreement(config, many_documents(config, positions, positions), positions, {0.2, 1, 2});
  }
}

// A document's mask does not depend on how the batch is cut, nor on what was computed before; and where nothing is dropped, all
// is as without.
TEST(FastEngine, DropoutLeavesNothing) {
  const Config config{.n_layer = 2, .n_embd = 32, .n_head = 4};
  const std::vector<double> parameters = testing::float_parameters(config, 1);
  const Batch batch = many_documents(config, 300, 1);
  const auto used = make_fast_engine(config), fresh = make_fast_engine(config);
  const testing::Results expected = testing::results_of(*fresh, parameters, batch);
  const testing::Results dropped = testing::results_of(*used, parameters, batch, {0.5, 1, 1});
  EXPECT_NE(dropped.gradient, expected.gradient);
  EXPECT_EQ(dropped.losses, expected.losses) << "the losses are without dropout";
  testing::expect_same_bits(testing::results_of(*used, parameters, batch), expected);
  testing::expect_same_bits(testing::results_of(*used, parameters, batch, {0.0, 1, 1}), expected);
  testing::expect_same_bits(testing::results_of(*used, parameters, batch, {0.5, 1, 1}), dropped);
  EXPECT_NE(testing::results_of(*used, parameters, batch, {0.5, 2, 1}).gradient, dropped.gradient) << "seed";
  EXPECT_NE(testing::results_of(*used, parameters, batch, {0.5, 1, 2}).gradient, dropped.gradient) << "step";
}

// What an engine computes depends on its parameters and the batch and on nothing that it computed before.
TEST(FastEngine, NothingIsLeftOfTheBatchBefore) {
  for (const Config& config :
       {Config{.block_size = 50}, Config{.vocab_size = 9, .n_layer = 2, .n_embd = 21, .n_head = 3, .block_size = 70},
        Config{.vocab_size = 20, .n_embd = 32, .n_head = 2, .block_size = 300, .activation = Activation::squared_relu}}) {
    SCOPED_TRACE(config.n_embd);
    const std::vector<double> parameters = testing::float_parameters(config, 1);
    std::vector<double> not_numbers(parameters.size(), std::nan(""));
    const Batch large = many_documents(config, testing::full_or(900, 150), 1);
    for (const Target target : available_targets()) {
      const auto used = make_fast_engine(config, {.target = target});
      testing::results_of(*used, not_numbers, large);
      for (const std::size_t positions : {std::size_t{1}, std::size_t{30}, testing::full_or(500, 100), std::size_t{45}}) {
        const Batch batch = many_documents(config, positions, positions);
        const auto fresh = make_fast_engine(config, {.target = target});
        testing::expect_same_bits(testing::results_of(*used, parameters, batch),
                                  testing::results_of(*fresh, parameters, batch));
      }
    }
  }
}

}  // namespace
}  // namespace microgpt::fast::fast_engine_test
