// SPDX-License-Identifier: MIT
#include "engine/graph/graph_engine.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "engine/graph/gpt.h"
#include "microgpt/error.h"
#include "support/closeness.h"
#include "support/models.h"

namespace microgpt::graph::graph_engine_test {
namespace {

using testing::find_different_bits;
using testing::random_batch;
using testing::random_parameters;
using testing::small_shapes;

std::vector<double> gradient_of(const Engine& engine) {
  std::vector<double> gradient(ParameterTable(engine.config()).parameter_count());
  engine.store_gradient(gradient);
  return gradient;
}

// The definition: one graph of the mean over documents, and the depth-first order of all of it.
std::vector<double> gradient_by_definition(const Config& config, const std::vector<double>& parameters, const Batch& batch) {
  Tape tape;
  for (const double parameter : parameters) tape.leaf(parameter);
  const ParameterTable table(config);
  const auto weights = make_weights(config, table, Parameters<Value>{&tape});
  std::vector<Value> losses;
  for (std::size_t d = 0; d < batch.documents(); ++d)
    losses.push_back(document_loss<Value>(weights, batch.document_inputs(d), batch.document_targets(d), 0, [](auto&&...) {}));
  const Value loss = (1.0 / static_cast<double>(losses.size())) * sum(losses.size(), [&](std::size_t i) { return losses[i]; });
  tape.backward(loss.index);
  const auto grad = tape.grad().first(parameters.size());
  return {grad.begin(), grad.end()};
}

TEST(GraphEngine, RememberedOrderGivesTheBitsOfTheDepthFirstOrder) {
  for (const Config& config : small_shapes()) {
    GraphEngine engine(config);
    const std::vector<double> parameters = random_parameters(config, 7);
    engine.load(parameters);
    // Lengths go up and down, so that orders are learned at different times, and every target comes first once.
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
      const Batch batch = random_batch(config, {1 + seed * 5 % config.block_size}, seed);
      engine.loss_and_gradient(batch);
      EXPECT_EQ(find_different_bits(gradient_of(engine), gradient_by_definition(config, parameters, batch)), std::nullopt)
          << "width " << config.n_embd << ", seed " << seed;
    }
  }
}

TEST(GraphEngine, EveryTargetTakesItsPlaceInTheOrder) {
  const Config config{.vocab_size = 5, .n_layer = 1, .n_embd = 4, .n_head = 2, .block_size = 2};
  GraphEngine engine(config);
  const std::vector<double> parameters = random_parameters(config, 3);
  engine.load(parameters);
  for (Token first = 0; first < 5; ++first)
    for (Token second = 0; second < 5; ++second) {
      Batch batch;
      batch.append(std::vector<Token>{4, first, second}, config.block_size);
      engine.loss_and_gradient(batch);
      EXPECT_EQ(find_different_bits(gradient_of(engine), gradient_by_definition(config, parameters, batch)), std::nullopt)
          << first << ", " << second;
    }
}

TEST(GraphEngine, BatchIsTheMeanOverDocuments) {
  for (const Config& config : small_shapes()) {
    GraphEngine engine(config);
    const std::vector<double> parameters = random_parameters(config, 5);
    engine.load(parameters);
    const Batch batch = random_batch(config, {2, 1, config.block_size}, 9);
    const double loss = engine.loss_and_gradient(batch);
    EXPECT_EQ(find_different_bits(gradient_of(engine), gradient_by_definition(config, parameters, batch)), std::nullopt);
    double mean = 0.0;
    for (std::size_t d = 0; d < batch.documents(); ++d) {
      Batch one;
      one.inputs.assign(batch.document_inputs(d).begin(), batch.document_inputs(d).end());
      one.targets.assign(batch.document_targets(d).begin(), batch.document_targets(d).end());
      one.offsets.push_back(one.inputs.size());
      mean += engine.loss_and_gradient(one) / 3;
    }
    EXPECT_NEAR(loss, mean, 1e-14);
  }
}

TEST(GraphEngine, LossesAndStreamsHaveTheBitsOfTheGraph) {
  for (const Config& config : small_shapes()) {
    GraphEngine engine(config);
    engine.load(random_parameters(config, 11));
    const Batch batch = random_batch(config, {config.block_size}, 13);
    const double loss = engine.loss_and_gradient(batch);
    const std::vector<double> losses = engine.losses(batch);
    const auto n = losses.size();
    EXPECT_EQ(((1.0 / static_cast<double>(n)) * sum(n, [&](std::size_t i) { return Number{losses[i]}; })).data(), loss);
    const auto stream = engine.open_stream();
    for (std::size_t i = 0; i < n; ++i) {
      std::vector<Number> logits;
      for (const double logit : stream->feed(batch.inputs[i])) logits.push_back({logit});
      EXPECT_EQ((-log(softmax(logits)[static_cast<std::size_t>(batch.targets[i])])).data(), losses[i]);
    }
  }
}

TEST(GraphEngine, LoadAndStoreAreInTableOrder) {
  const Config config;
  GraphEngine engine(config);
  std::vector<double> parameters(ParameterTable(config).parameter_count());
  std::iota(parameters.begin(), parameters.end(), 1.0);
  engine.load(parameters);
  std::vector<double> stored(parameters.size());
  engine.store(stored);
  EXPECT_EQ(stored, parameters);
  const auto buffers = std::get<Buffers<double>>(engine.buffers());
  EXPECT_EQ(buffers.parameters.size(), parameters.size());
  EXPECT_EQ(buffers.gradient.size(), parameters.size());
}

// A tape that grows while a stream is open moves the parameters.
TEST(GraphEngine, StreamsOutliveAGrowingTape) {
  const Config config;
  GraphEngine engine(config);
  engine.load(random_parameters(config, 1));
  const auto stream = engine.open_stream();
  stream->feed(3);
  engine.loss_and_gradient(random_batch(config, {16}, 1));
  const auto other = engine.open_stream();
  other->feed(3);
  const auto actual = stream->feed(4);
  EXPECT_EQ(find_different_bits(actual, other->feed(4)), std::nullopt);
}

TEST(GraphEngine, RefusesWhatDoesNotFitIntoMemory) {
  EXPECT_THROW(GraphEngine({.n_embd = 8192, .n_head = 1}), ConfigError) << "for a single position";
  EXPECT_THROW(GraphEngine({.n_layer = 0}), ConfigError);
  const Config long_context{.n_embd = 4, .n_head = 4, .block_size = 65536};
  GraphEngine engine(long_context);
  engine.loss_and_gradient(random_batch(long_context, {5}, 1));
  EXPECT_THROW(engine.loss_and_gradient(random_batch(long_context, {65536}, 1)), ConfigError)
      << "only a document that is too long";
}

TEST(GraphEngine, CountsNodesExactly) {
  for (const Config& config : small_shapes())
    for (const std::size_t positions : {std::size_t{1}, config.block_size})
      for (const bool with_dropout : {false, true}) {
        GraphEngine engine(config);
        engine.loss_and_gradient(random_batch(config, {positions}, 1), {with_dropout ? 0.5 : 0.0});
        EXPECT_EQ(count_nodes(config, positions, with_dropout), static_cast<double>(engine.tape().size()))
            << "width " << config.n_embd << ", positions " << positions;
      }
}

// Graphs with dropout have more nodes, and an order of their own.
TEST(GraphEngine, DropoutLeavesNothing) {
  const Config config{.vocab_size = 5, .n_layer = 2, .n_embd = 6, .n_head = 2, .block_size = 5};
  const std::vector<double> parameters = random_parameters(config, 1);
  const Batch batch = random_batch(config, {3, 5, 2}, 1);
  const auto gradient_of = [&](GraphEngine& engine, const Dropout& dropout) {
    engine.load(parameters);
    engine.loss_and_gradient(batch, dropout);
    std::vector<double> gradient(parameters.size());
    engine.store_gradient(gradient);
    return gradient;
  };
  GraphEngine used(config), fresh(config), fresh_with_dropout(config);
  const std::vector<double> without = gradient_of(fresh, {});
  const std::vector<double> with = gradient_of(fresh_with_dropout, {0.5, 1, 1});
  EXPECT_NE(with, without);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(find_different_bits(gradient_of(used, {0.5, 1, 1}), with), std::nullopt);
    EXPECT_EQ(find_different_bits(gradient_of(used, {0.0, 1, 1}), without), std::nullopt);
  }
}

}  // namespace
}  // namespace microgpt::graph::graph_engine_test
