// SPDX-License-Identifier: MIT
// The same bits with any number of threads: losses, gradients and trained parameters.
#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "engine/fast/agreement.h"
#include "engine/fast/shards.h"
#include "support/closeness.h"
#include "support/length.h"
#include "support/models.h"
#include "training/trainer.h"

namespace microgpt::fast::threads_test {
namespace {

constexpr std::size_t kSizes[] = {2, 3, 4, 5, 16};  // of teams

Config random_config(PythonRandom& random) {
  const auto between = [&](std::size_t low, std::size_t high) { return low + random.randbelow(high - low + 1); };
  Config config;
  config.n_head = between(1, 4);
  config.n_embd = config.n_head * between(1, 16);
  config.n_layer = between(1, 3);
  config.vocab_size = between(2, 70);
  config.block_size = between(1, 60);
  config.activation = random.randbelow(2) == 0 ? Activation::relu : Activation::squared_relu;
  return config;
}

// Documents of all lengths, of few different tokens, so that they begin alike.
Batch random_batch_of(const Config& config, std::size_t positions, PythonRandom& random) {
  Config few = config;
  few.vocab_size = std::min<std::size_t>(config.vocab_size, 6);
  Batch batch;
  while (batch.positions() < positions)
    batch.append(testing::random_document(few, 1 + random.randbelow(config.block_size), random), config.block_size);
  return batch;
}

// With a batch of each number of shards before it, so that what is left of others shows.
TEST(Threads, TheSameLossesAndGradients) {
  for (std::uint64_t seed = 0; seed < testing::full_or(12, 4); ++seed) {
    SCOPED_TRACE(seed);
    PythonRandom random(seed);
    const Config config = random_config(random);
    const std::vector<double> parameters = testing::float_parameters(config, seed);
    const PrefixSharing sharing = seed % 2 == 0 ? PrefixSharing::where_it_pays : PrefixSharing::never;
    const LossMean mean = seed % 3 == 0 ? LossMean::token : LossMean::document;
    const Dropout dropout{seed % 4 == 0 ? 0.2 : 0.0, seed, 1};
    const auto alone = make_fast_engine(config, {.prefix_sharing = sharing});
    for (const std::size_t size : kSizes) {
      SCOPED_TRACE(size);
      ThreadTeam team(size);
      const auto engine = make_fast_engine(config, {.prefix_sharing = sharing, .team = &team});
      for (const std::size_t positions : {20U, 500U, 3500U, 900U, 1700U}) {
        if (positions > testing::full_or(3500, 1000)) continue;
        const Batch batch = random_batch_of(config, positions, random);
        testing::expect_same_bits(testing::results_of(*engine, parameters, batch, dropout, mean),
                                  testing::results_of(*alone, parameters, batch, dropout, mean));
      }
    }
  }
}

// Shards of nothing, and shards of one document that is longer than all others.
TEST(Threads, TheSameWithEmptyShards) {
  const Config config{.vocab_size = 5, .n_embd = 4, .n_head = 1, .block_size = 700};
  const std::vector<double> parameters = testing::float_parameters(config, 1);
  const auto alone = make_fast_engine(config);
  for (const std::size_t size : kSizes) {
    ThreadTeam team(size);
    const auto engine = make_fast_engine(config, {.team = &team});
    for (const std::vector<std::size_t>& lengths : {std::vector<std::size_t>{700, 100, 3}, {3, 1, 700, 100}, {700, 700}}) {
      const Batch batch = testing::random_batch(config, lengths, 1);
      testing::expect_same_bits(testing::results_of(*engine, parameters, batch),
                                testing::results_of(*alone, parameters, batch));
    }
  }
}

// Just large enough to be computed stage by stage (shards.h): of all kinds of heads, and documents that attention can be cut
// between and that it cannot.
Config random_large_config(PythonRandom& random) {
  constexpr std::size_t kHeadDims[] = {8, 16, 32, 64, 96, 20, 48};
  Config config;
  const std::size_t head_dim = kHeadDims[random.randbelow(std::size(kHeadDims))];
  config.n_head = (384 + random.randbelow(32)) / head_dim;
  if (random.randbelow(2) == 0) config.n_head = (config.n_head + 3) / 4 * 4;
  config.n_embd = config.n_head * head_dim;
  config.vocab_size = 2 + random.randbelow(70);
  config.block_size = 1 + random.randbelow(60);
  if (random.randbelow(2) == 0) config.block_size = 16 + 32 * random.randbelow(3);
  config.activation = random.randbelow(2) == 0 ? Activation::relu : Activation::squared_relu;
  return config;
}

Batch windows_of(const Config& config, std::size_t positions, PythonRandom& random) {
  Batch batch;
  while (batch.positions() < positions)
    batch.append(testing::random_document(config, config.block_size, random), config.block_size);
  return batch;
}

TEST(Threads, TheSameOfLargeModels) {
  for (std::uint64_t seed = 0; seed < testing::full_or(14, 3); ++seed) {
    SCOPED_TRACE(seed);
    PythonRandom random(seed);
    const Config config = random_large_config(random);
    ASSERT_TRUE(is_large(ParameterTable(config).parameter_count())) << config.n_embd;
    const std::vector<double> parameters = testing::float_parameters(config, seed);
    const std::size_t positions = std::size_t{100} << random.randbelow(testing::full_or(5, 1));  // up to two shards
    const Batch batch = seed % 2 == 0 ? windows_of(config, positions, random) : random_batch_of(config, positions, random);
    const PrefixSharing sharing = seed % 4 < 2 ? PrefixSharing::where_it_pays : PrefixSharing::never;
    const Dropout dropout{seed % 5 == 0 ? 0.2 : 0.0, seed, 1};
    const auto alone = make_fast_engine(config, {.prefix_sharing = sharing});
    const testing::Results expected = testing::results_of(*alone, parameters, batch, dropout);
    const std::size_t size = kSizes[seed % std::size(kSizes)];
    SCOPED_TRACE(size);
    ThreadTeam team(size);
    const auto engine = make_fast_engine(config, {.prefix_sharing = sharing, .team = &team});
    testing::expect_same_bits(testing::results_of(*engine, parameters, batch, dropout), expected);
    engine->open_streams(3);  // which takes the place of activations
    testing::expect_same_bits(testing::results_of(*engine, parameters, batch, dropout), expected);
  }
}

struct Training {
  std::vector<double> losses;
  std::vector<double> parameters;
};

Training train(const Config& config, ThreadTeam* team, std::size_t num_steps) {
  const auto engine = make_fast_engine(config, {.team = team});
  engine->load(testing::float_parameters(config, 1));
  const TrainingOptions options{.num_steps = num_steps, .adam = {.weight_decay = 0.1}, .clip = 0.5, .dropout = 0.1};
  const auto batches = [&](std::size_t step, Batch& batch) {
    PythonRandom random(step);
    batch = random_batch_of(config, 100 + step % 5 * 400, random);  // some shards, now more and now fewer
  };
  Trainer trainer(*engine, batches, options);
  Training training;
  while (trainer.step() < num_steps) training.losses.push_back(trainer.train_step());
  training.parameters.resize(ParameterTable(config).parameter_count());
  engine->store(training.parameters);
  return training;
}

// The optimizer's work and the transposed copies too are shared out where there is enough of it.
TEST(Threads, TheSameTraining) {
  for (const Config& config : {Config{}, Config{.n_layer = 2, .n_embd = 80, .n_head = 4}}) {
    const std::size_t num_steps = testing::full_or(10, 3);
    const Training expected = train(config, nullptr, num_steps);
    for (const std::size_t size : kSizes) {
      SCOPED_TRACE(size);
      ThreadTeam team(size);
      const Training actual = train(config, &team, num_steps);
      EXPECT_EQ(testing::find_different_bits(actual.losses, expected.losses), std::nullopt);
      EXPECT_EQ(testing::find_different_bits(actual.parameters, expected.parameters), std::nullopt);
    }
  }
}

// What one thread has computed it also takes further, as fetching it costs the others more than they save.
TEST(Threads, ShareTheBuffersOfWhatTheyComputedTogether) {
  const Config config{};
  ThreadTeam team(2);
  const auto engine = make_fast_engine(config, {.team = &team});
  engine->load(testing::float_parameters(config, 1));
  PythonRandom random(1);
  for (const auto& [positions, sharing] : {std::pair<std::size_t, ThreadTeam*>(100, nullptr), {1000, &team}, {100, nullptr}}) {
    engine->loss_and_gradient(random_batch_of(config, positions, random));
    EXPECT_EQ(std::get<Buffers<float>>(engine->buffers()).team, sharing) << positions;
  }
}

// Engines of one team, one at a time.
TEST(Threads, EnginesShareATeam) {
  ThreadTeam team(3);
  std::vector<std::unique_ptr<Engine>> engines;
  std::vector<std::unique_ptr<Engine>> alone;
  const std::vector<Config> configs{{.block_size = 20}, {.n_embd = 32, .block_size = 20}, {.n_layer = 2, .block_size = 20}};
  for (const Config& config : configs) {
    engines.push_back(make_fast_engine(config, {.team = &team}));
    alone.push_back(make_fast_engine(config));
  }
  for (std::uint64_t round = 0; round < 3; ++round)
    for (std::size_t i = 0; i < configs.size(); ++i) {
      PythonRandom random(round);
      const Batch batch = random_batch_of(configs[i], 800, random);
      const std::vector<double> parameters = testing::float_parameters(configs[i], round);
      testing::expect_same_bits(testing::results_of(*engines[i], parameters, batch),
                                testing::results_of(*alone[i], parameters, batch));
    }
}

}  // namespace
}  // namespace microgpt::fast::threads_test
