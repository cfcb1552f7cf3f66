// SPDX-License-Identifier: MIT
// Ranks compute the bits of one: losses, gradients, and what training makes.
#include "distributed/data_parallel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <vector>

#include "engine/fast/agreement.h"
#include "simd/target.h"
#include "support/length.h"
#include "support/models.h"
#include "support/thread_ranks.h"
#include "training/trainer.h"

namespace microgpt::data_parallel_test {
namespace {

constexpr std::size_t kAllSizes[] = {2, 3, 4, 5, 16, 17};
constexpr auto kSizes = std::span(kAllSizes).first(testing::full_or(6, 4));
const Config kConfig{.vocab_size = 9, .n_layer = 2, .n_embd = 24, .n_head = 2, .block_size = 12};

Batch batch_of(std::size_t positions, std::uint64_t seed) {
  PythonRandom random(seed);
  Batch batch;
  while (batch.positions() < positions)
    batch.append(testing::random_document(kConfig, 1 + random.randbelow(kConfig.block_size), random), kConfig.block_size);
  return batch;
}

// Gives each position two tokens to predict.
void soften(Batch& batch) {
  batch.soft_targets.assign(batch.positions() * kConfig.vocab_size, 0.0F);
  for (std::size_t p = 0; p < batch.positions(); ++p) {
    float* const position_targets = batch.soft_targets.data() + p * kConfig.vocab_size;
    position_targets[p % kConfig.vocab_size] += 0.75F;
    position_targets[p / 3 % kConfig.vocab_size] += 0.25F;
  }
}

// Each rank has another number of threads, and another instruction set.
void serve(Ranks& ranks) {
  ThreadTeam team(1 + ranks.rank() % 3);
  const std::span<const Target> targets = available_targets();
  run_worker(ranks, [&] { return FastEngineOptions{.target = targets[ranks.rank() % targets.size()], .team = &team}; });
}

// Calls work(ranks) on rank 0 of so many.
template <typename Work>
void with_ranks(std::size_t size, const Work& work) {
  testing::run_coordinated<DataParallel>(size, work, serve);
}

// What a run of training leaves: a batch of another number of shards in each step, clipping, and a new beginning from
// parameters and moments that are known.
struct Trained {
  std::vector<double> losses;
  std::vector<double> parameters;

  bool operator==(const Trained&) const = default;
};

std::unique_ptr<Optimizer> optimizer_of(Engine& engine, DataParallel* ranks, const TrainingOptions& options) {
  if (ranks != nullptr) return ranks->make_optimizer(options.optimizer_options(), best_target());
  return std::make_unique<LocalOptimizer>(options.optimizer_options(), kConfig, engine.buffers());
}

Trained train(Engine& engine, DataParallel* ranks, OptimizerKind optimizer) {
  engine.load(testing::float_parameters(kConfig, 7));
  const auto batches = [](std::size_t step, Batch& batch) {
    batch = batch_of(50 + 900 * (step % 5), step);
    if (step % 2 == 1) soften(batch);
  };
  const TrainingOptions options{.num_steps = 12, .optimizer = optimizer, .clip = 0.5, .dropout = 0.1};
  Trained trained;
  std::vector<float> mean;
  std::vector<float> square;
  const auto numbers_of = [](AnyNumbers numbers) { return std::get<std::span<float>>(numbers); };
  {
    Trainer trainer(engine, optimizer_of(engine, ranks, options), batches, options);
    while (trainer.step() < 6) trained.losses.push_back(trainer.train_step());
    const auto copy = [&](AnyNumbers numbers) {
      return std::vector<float>(numbers_of(numbers).begin(), numbers_of(numbers).end());
    };
    mean = copy(trainer.optimizer().mean());
    square = copy(trainer.optimizer().square());
  }
  const auto parameters = std::get<Buffers<float>>(engine.buffers()).parameters;
  std::transform(parameters.begin(), parameters.end(), parameters.begin(), [](float x) { return 0.5F * x; });
  engine.parameters_changed();
  Trainer trainer(engine, optimizer_of(engine, ranks, options), batches, options);
  std::copy(mean.begin(), mean.end(), numbers_of(trainer.optimizer().mean()).begin());
  std::copy(square.begin(), square.end(), numbers_of(trainer.optimizer().square()).begin());
  trainer.resume(6);
  while (trainer.step() < trainer.num_steps()) trained.losses.push_back(trainer.train_step());
  trained.parameters.resize(ParameterTable(kConfig).parameter_count());
  engine.store(trained.parameters);
  return trained;
}

TEST(DataParallel, TheSameLossesAndGradients) {
  const std::vector<double> parameters = testing::float_parameters(kConfig, 1);
  const auto alone = make_fast_engine(kConfig);
  for (const std::size_t size : kSizes)
    for (const std::size_t positions : {20U, 500U, 3500U, 900U, 1700U}) {
      SCOPED_TRACE(::testing::Message() << size << " ranks, " << positions << " positions");
      const Batch batch = batch_of(positions, size);
      with_ranks(size, [&](DataParallel& ranks) {
        const auto engine = ranks.make_engine(kConfig, {});
        testing::expect_same_bits(testing::results_of(*engine, parameters, batch, {}, LossMean::document),
                                  testing::results_of(*alone, parameters, batch, {}, LossMean::document));
      });
    }
}

TEST(DataParallel, TheSameTraining) {
  const auto alone = make_fast_engine(kConfig);
  for (const OptimizerKind optimizer : {OptimizerKind::adam, OptimizerKind::muon}) {
    const Trained expected = train(*alone, nullptr, optimizer);
    for (const std::size_t size : kSizes) {
      if (optimizer == OptimizerKind::muon && size > 3) continue;  // each rank does the same
      SCOPED_TRACE(size);
      ThreadTeam team(2);
      with_ranks(size, [&](DataParallel& ranks) {
        const auto engine = ranks.make_engine(kConfig, {.team = &team});
        EXPECT_EQ(train(*engine, &ranks, optimizer), expected);
      });
    }
  }
}

// A mean of the parameters, which takes them at each step, must not make each step's gradient whole on all ranks.
TEST(DataParallel, ParametersComeWithoutTheGradient) {
  const auto work = [](testing::ThreadRanks& ranks) {
    DataParallel coordinator(ranks);
    const auto engine = coordinator.make_engine(kConfig, {});
    engine->load(testing::float_parameters(kConfig, 1));
    engine->loss_and_gradient(batch_of(500, 1), {}, LossMean::document);
    const std::size_t exchanges = ranks.exchanges();
    const auto parameters = std::get<std::span<float>>(engine->parameters());
    EXPECT_EQ(ranks.exchanges(), exchanges);
    const auto buffers = std::get<Buffers<float>>(engine->buffers());
    EXPECT_GT(ranks.exchanges(), exchanges);
    EXPECT_EQ(parameters.data(), buffers.parameters.data());
    EXPECT_EQ(parameters.size(), buffers.parameters.size());
  };
  testing::run_ranks(3, work, serve);
}

// Rank 0 sends the documents of a batch once, and not to each rank all of them.
TEST(DataParallel, RanksGetTheDocumentsThatTheyCompute) {
  constexpr std::size_t kRanks = 16;
  const auto work = [](testing::ThreadRanks& ranks) {
    DataParallel coordinator(ranks);
    const auto engine = coordinator.make_engine(kConfig, {});
    Batch batch = batch_of(3500, 1);
    const std::size_t before = ranks.bytes_sent();
    engine->loss_and_gradient(batch, {}, LossMean::document);
    const std::size_t hard = ranks.bytes_sent() - before;
    soften(batch);
    engine->loss_and_gradient(batch, {}, LossMean::document);
    const std::size_t soft = ranks.bytes_sent() - before - hard;
    const std::size_t once = batch.soft_targets.size() * sizeof(float);
    EXPECT_GT(soft - hard, once / 2);
    EXPECT_LE(soft - hard, once);
  };
  testing::run_ranks(kRanks, work, serve);
}

TEST(DataParallel, CountsThreads) {
  with_ranks(3, [](DataParallel& ranks) {
    const auto engine = ranks.make_engine(kConfig, {});
    EXPECT_EQ(ranks.size(), 3U);
    EXPECT_EQ(ranks.threads(), 1U + 2U + 3U);
  });
}

// Rank 0 may fail before it has anything to say.
TEST(DataParallel, ShutsDownWithoutWork) {
  with_ranks(4, [](DataParallel&) {});
}

TEST(Ranks, ShareThings) {
  for (std::size_t ranks = 1; ranks < 20; ++ranks)
    for (std::size_t count = 0; count < 40; ++count) {
      std::size_t next = 0;
      for (std::size_t rank = 0; rank < ranks; ++rank) {
        const RankShare share = share_of(count, rank, ranks);
        EXPECT_EQ(share.begin, next);
        EXPECT_LE(share.size(), (count + ranks - 1) / ranks);
        next = share.end;
      }
      EXPECT_EQ(next, count);
    }
}

}  // namespace
}  // namespace microgpt::data_parallel_test
