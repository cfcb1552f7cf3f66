// SPDX-License-Identifier: MIT
// The exact engine against the graph engine, bit by bit, on every instruction set of this machine.
#include "engine/exact/exact_engine.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <string>

#include "microgpt/error.h"
#include "microgpt/parameters.h"
#include "support/closeness.h"
#include "support/length.h"
#include "support/models.h"
#include "training/trainer.h"

namespace microgpt::exact::exact_engine_test {
namespace {

using testing::find_different_bits;
using testing::random_batch;
using testing::random_parameters;

// A model and how it is trained.
struct Case {
  Config config;
  std::size_t max_documents = 1;  // of a batch
  LossMean loss_mean = LossMean::document;
  bool regularises = false;
  bool has_context = false;
};

std::string describe(const Case& c) {
  return fmt::format("vocabulary {}, {} layers, width {}, {} heads, context {}, {}, up to {} documents", c.config.vocab_size,
                     c.config.n_layer, c.config.n_embd, c.config.n_head, c.config.block_size,
                     c.config.activation == Activation::relu ? "relu" : "squared relu", c.max_documents);
}

Case random_case(std::uint64_t seed) {
  PythonRandom random(seed);
  const auto between = [&](std::size_t low, std::size_t high) { return low + random.randbelow(high - low + 1); };
  Case c;
  Config& config = c.config;
  config.n_embd = between(1, seed % 2 == 0 ? 12 : 40);
  config.n_layer = between(1, config.n_embd < 16 ? 4 : 2);
  std::vector<std::size_t> divisors;
  for (std::size_t h = 1; h <= config.n_embd; ++h)
    if (config.n_embd % h == 0) divisors.push_back(h);
  config.n_head = divisors[random.randbelow(divisors.size())];
  config.vocab_size = between(2, seed % 4 == 0 ? 120 : 40);
  config.activation = random.randbelow(2) == 0 ? Activation::relu : Activation::squared_relu;
  // A graph has two nodes for each parameter and position: what a test can afford of their product.
  const std::size_t affordable = 120'000 / (2 * ParameterTable(config).parameter_count() + 1);
  config.block_size = between(1, std::clamp<std::size_t>(affordable, 1, 40));
  c.max_documents = seed % 3 == 0 ? between(2, 4) : 1;
  c.loss_mean = seed % 6 == 3 ? LossMean::token : LossMean::document;
  c.regularises = seed % 5 == 0;
  c.has_context = seed % 7 < 3;
  return c;
}

struct TrainedRun {
  std::vector<double> losses;
  std::vector<double> gradient;
  std::vector<double> parameters;
};

Batch batch_of_step(const Case& c, std::size_t step) {
  PythonRandom random(step);
  Batch batch;
  for (std::size_t d = 1 + random.randbelow(c.max_documents); d > 0; --d) {
    const std::size_t positions = 1 + random.randbelow(c.config.block_size);
    batch.append(testing::random_document(c.config, positions, random), c.config.block_size);
    if (c.has_context) batch.set_context(random.randbelow(positions));
  }
  return batch;
}

TrainedRun train(const Case& c, Engine& engine, std::size_t num_steps, Target target = best_target()) {
  engine.load(random_parameters(c.config, 7));
  TrainingOptions training{.num_steps = num_steps, .loss_mean = c.loss_mean};
  if (c.regularises) {
    training.adam.weight_decay = 0.1;
    training.clip = 0.5;
  }
  Trainer trainer(
      engine, [&](std::size_t step, Batch& batch) { batch = batch_of_step(c, step); }, training, target);
  TrainedRun run;
  while (trainer.step() < trainer.num_steps()) run.losses.push_back(trainer.train_step());
  run.gradient.resize(ParameterTable(c.config).parameter_count());
  run.parameters = run.gradient;
  engine.store_gradient(run.gradient);
  engine.store(run.parameters);
  return run;
}

void expect_the_same_training(const Case& c, std::size_t num_steps) {
  SCOPED_TRACE(describe(c));
  const TrainedRun expected = train(c, *make_graph_engine(c.config), num_steps);
  for (const Target target : available_targets()) {
    SCOPED_TRACE(name_of(target));
    const TrainedRun actual = train(c, *make_exact_engine(c.config, target), num_steps, target);
    ASSERT_EQ(find_different_bits(actual.losses, expected.losses), std::nullopt);
    ASSERT_EQ(find_different_bits(actual.gradient, expected.gradient), std::nullopt);
    ASSERT_EQ(find_different_bits(actual.parameters, expected.parameters), std::nullopt);
  }
}

class ExactEngineTest : public ::testing::TestWithParam<std::size_t> {};

TEST_P(ExactEngineTest, TrainsToTheBitsOfTheGraphEngine) {
  expect_the_same_training(random_case(GetParam()), testing::full_or(100, 5));
}

INSTANTIATE_TEST_SUITE_P(RandomShapes, ExactEngineTest, ::testing::Range(std::size_t{0}, testing::full_or(60, 12)));

// Shapes in which every dimension is 1 somewhere, every number of positions up to some blocks of eight, every width.
TEST(ExactEngine, SmallShapes) {
  for (const Config& config : testing::small_shapes()) expect_the_same_training({config}, 10);
}

TEST(ExactEngine, EveryLength) {
  Config config{.vocab_size = 6, .n_embd = 6, .n_head = 3, .block_size = 35};
  for (const Activation activation : {Activation::relu, Activation::squared_relu}) {
    config.activation = activation;
    const auto graph = make_graph_engine(config);
    graph->load(random_parameters(config, 1));
    for (const Target target : available_targets()) {
      const auto exact = make_exact_engine(config, target);
      exact->load(random_parameters(config, 1));
      for (std::size_t n = 1; n <= config.block_size; ++n) {
        const Batch batch = random_batch(config, {n}, n);
        EXPECT_EQ(exact->loss_and_gradient(batch), graph->loss_and_gradient(batch));
        std::vector<double> actual(ParameterTable(config).parameter_count()), expected = actual;
        exact->store_gradient(actual);
        graph->store_gradient(expected);
        EXPECT_EQ(find_different_bits(actual, expected), std::nullopt) << n << " positions, " << name_of(target);
      }
    }
  }
}

TEST(ExactEngine, EveryWidth) {
  for (std::size_t width = 1; width <= testing::full_or(40, 20); ++width)
    for (const std::size_t heads : {std::size_t{1}, width % 3 == 0 ? width / 3 : width})
      expect_the_same_training({{.vocab_size = 2 + width % 19, .n_embd = width, .n_head = heads, .block_size = 3}}, 3);
}

std::vector<Config> shapes() {
  std::vector<Config> shapes = testing::small_shapes();
  shapes.push_back({});
  shapes.push_back({.vocab_size = 30, .n_layer = 2, .n_embd = 12, .n_head = 3, .block_size = 21});
  return shapes;
}

TEST(ExactEngine, LossesAndStreamsHaveTheBitsOfTheGraphEngine) {
  for (const Config& config : shapes())
    for (const Target target : available_targets()) {
      const auto exact = make_exact_engine(config, target), graph = make_graph_engine(config);
      exact->load(random_parameters(config, 11));
      graph->load(random_parameters(config, 11));
      const Batch batch = random_batch(config, {config.block_size, 1, (config.block_size + 1) / 2}, 13);
      EXPECT_EQ(find_different_bits(exact->losses(batch), graph->losses(batch)), std::nullopt);
      const auto stream = exact->open_stream(), expected = graph->open_stream();
      for (const Token token : batch.document_inputs(0))
        EXPECT_EQ(find_different_bits(stream->feed(token), expected->feed(token)), std::nullopt);
    }
}

TEST(ExactEngine, StreamsInLockStepHaveTheBitsOfTheGraphEngine) {
  for (const Config& config : shapes())
    for (const Target target : available_targets()) {
      const auto exact = make_exact_engine(config, target), graph = make_graph_engine(config);
      exact->load(random_parameters(config, 3));
      graph->load(random_parameters(config, 3));
      constexpr std::size_t kCount = 11;
      const auto actual = exact->open_streams(kCount), expected = graph->open_streams(kCount);
      PythonRandom random(1);
      std::vector<std::size_t> lengths(kCount);
      std::vector<Token> tokens(kCount), drawn(kCount), expected_drawn(kCount);
      std::vector<float> uniforms(kCount);
      for (std::size_t step = 0; step < 2 * config.block_size; ++step) {
        for (std::size_t i = 0; i < kCount; ++i) {
          if (lengths[i] == config.block_size || random.randbelow(5) == 0) {
            actual->restart(i);
            expected->restart(i);
            lengths[i] = 0;
          }
          ++lengths[i];
          tokens[i] = static_cast<Token>(random.randbelow(config.vocab_size));
          uniforms[i] = std::min(static_cast<float>(random.random()), 0.999F);
        }
        actual->feed(tokens);
        expected->feed(tokens);
        for (std::size_t i = 0; i < kCount; ++i) EXPECT_TRUE(std::ranges::equal(actual->logits(i), expected->logits(i)));
        EXPECT_EQ(actual->draw(0.7, uniforms, drawn), expected->draw(0.7, uniforms, expected_drawn));
        EXPECT_EQ(drawn, expected_drawn);
      }
    }
}

TEST(ExactEngine, LoadAndStoreAreInTableOrder) {
  const Config config{.vocab_size = 5, .n_embd = 3, .n_head = 1};
  const auto engine = make_exact_engine(config);
  std::vector<double> parameters(ParameterTable(config).parameter_count());
  std::iota(parameters.begin(), parameters.end(), 1.0);
  engine->load(parameters);
  std::vector<double> stored(parameters.size());
  engine->store(stored);
  EXPECT_EQ(stored, parameters);
  const auto buffers = std::get<Buffers<double>>(engine->buffers());
  EXPECT_EQ(buffers.parameters.size(), parameters.size());
  EXPECT_EQ(buffers.gradient.size(), parameters.size());
  std::vector<double> packed(buffers.parameters.size());
  const ParameterTable table(config);
  for (std::size_t i = 0; i < table.tensors().size(); ++i) {
    const auto numbers = std::span(parameters).subspan(table.tensors()[i].offset, table.tensors()[i].size());
    engine->pack(i, numbers, std::span(packed));
    std::vector<double> unpacked(numbers.size());
    engine->unpack(std::span<const double>(packed), i, unpacked);
    EXPECT_TRUE(std::ranges::equal(unpacked, numbers));
  }
  EXPECT_TRUE(std::ranges::equal(packed, buffers.parameters));
}

// What an engine computes depends on its parameters and the batch and on nothing that it computed before.
TEST(ExactEngine, NothingIsLeftOfTheBatchBefore) {
  const Config config{.vocab_size = 9, .n_layer = 2, .n_embd = 10, .n_head = 2, .block_size = 40};
  const std::vector<double> parameters = random_parameters(config, 1);
  const std::vector<double> not_numbers(parameters.size(), std::nan(""));
  const auto result_of = [&](Engine& engine, const Batch& batch) {
    engine.load(parameters);
    std::vector<double> result(parameters.size());
    const double loss = engine.loss_and_gradient(batch);
    engine.store_gradient(result);
    result.push_back(loss);
    return result;
  };
  for (const Target target : available_targets()) {
    const auto used = make_exact_engine(config, target);
    used->load(not_numbers);
    used->loss_and_gradient(random_batch(config, {40, 33}, 1));
    for (const std::vector<std::size_t>& lengths : {std::vector<std::size_t>{1}, {3, 17}, {12}, {40}, {9, 2}}) {
      const Batch batch = random_batch(config, lengths, lengths.size());
      EXPECT_EQ(find_different_bits(result_of(*used, batch), result_of(*make_exact_engine(config, target), batch)),
                std::nullopt);
    }
  }
}

TEST(ExactEngine, RefusesDropoutAndWhatDoesNotFitIntoMemory) {
  const Config config{.vocab_size = 5, .n_embd = 4, .n_head = 2, .block_size = 65536};
  const auto engine = make_exact_engine(config);
  EXPECT_THROW(engine->loss_and_gradient(random_batch(config, {3}, 1), {.rate = 0.1}), ConfigError);
  EXPECT_THROW(make_exact_engine({.n_layer = 0}), ConfigError);
  const Config many_layers{.n_layer = 1024, .n_embd = 4, .n_head = 4, .block_size = 65536};
  const auto deep = make_exact_engine(many_layers);
  EXPECT_THROW(deep->losses(random_batch(many_layers, {65536}, 1)), ConfigError);
  deep->loss_and_gradient(random_batch(many_layers, {2}, 1));
}

}  // namespace
}  // namespace microgpt::exact::exact_engine_test
