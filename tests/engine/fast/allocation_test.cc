// SPDX-License-Identifier: MIT
// A training step allocates nothing after the first one.
#include <gtest/gtest.h>

#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/fast/fast_engine.h"
#include "engine/fast/shards.h"
#include "microgpt/corpus.h"
#include "support/counted_new.h"
#include "support/models.h"
#include "training/epochs.h"
#include "training/trainer.h"

namespace microgpt::fast::allocation_test {
namespace {

using testing::allocations_of;
using testing::bytes_of;

// What training a large model takes is what fast_training_bytes() says, and that is little more than what must be there: the
// parameters, one gradient, the moments and what is stored of a shard's rows, even with the best parameters so far. To save it
// takes a tensor more.
TEST(LargeModel, TakesTheMemoryThatIsDocumented) {
  const Config config{.vocab_size = 65, .n_layer = 3, .n_embd = 192, .n_head = 6, .block_size = 128};
  const std::size_t positions = 24 * config.block_size;
  const ParameterTable table(config);
  ASSERT_TRUE(is_large(table.parameter_count()));
  ASSERT_EQ(shard_count(positions, table.parameter_count()), 2U);
  const std::vector<double> parameters = testing::random_parameters(config, 1, 0.02);
  const auto windows = [&](std::size_t, Batch& batch) {
    batch = testing::random_batch(config, std::vector<std::size_t>(24, config.block_size), 1);
  };
  const std::size_t most = bytes_of([&] {
    const auto engine = make_fast_engine(config, {.prefix_sharing = PrefixSharing::never});
    engine->load(parameters);
    Trainer trainer(*engine, windows, {.num_steps = 2});
    for (int i = 0; i < 2; ++i) trainer.train_step();
  });
  const auto with_best = static_cast<double>(fast_training_bytes(config, positions));
  const double without_best = with_best - static_cast<double>(table.parameter_count() * sizeof(float));
  EXPECT_NEAR(static_cast<double>(most) / without_best, 1.0, 0.05);
  const std::size_t must_be = sizeof(float) * (4 * table.parameter_count() + stored_floats(config) * positions / 2);
  EXPECT_LT(with_best / static_cast<double>(must_be), 1.3);
}

TEST(SoftTargets, TakeTheMemoryThatIsCounted) {
  const Corpus corpus = embedded_names();
  const Tokenizer tokenizer(corpus);
  std::vector<std::size_t> some(3000);
  std::iota(some.begin(), some.end(), std::size_t{0});
  const TokenizedDocuments documents(corpus, tokenizer, some);
  for (const std::size_t block_size : {std::size_t{4}, std::size_t{5000}}) {
    const Config config{.vocab_size = tokenizer.vocab_size(), .n_layer = 2, .n_embd = 32, .block_size = block_size};
    const auto engine = make_fast_engine(config);
    engine->load(testing::random_parameters(config, 1));
    const TrainingWindows windows(documents, block_size);
    const std::size_t most = bytes_of([&] {
      SoftTargets soft(config.vocab_size, windows);
      soft.mix_in(*engine, windows, 0.5);
    });
    EXPECT_NEAR(static_cast<double>(most) / SoftTargets::bytes(config, windows), 1.0, 0.05);
  }
}

struct Case {
  const char* name;
  std::size_t batch_size;
  PrefixSharing sharing;
  std::size_t num_steps;
  Config config = {};
  bool regularises = false;  // with dropout and clipping
  bool has_teacher = false;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class AllocationTest : public ::testing::TestWithParam<Case> {};

TEST_P(AllocationTest, NoneAfterTheFirstStep) {
  const Case& c = GetParam();
  const Corpus corpus = embedded_names();
  const Tokenizer tokenizer(corpus);
  std::vector<std::size_t> all(corpus.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  Epochs epochs(TokenizedDocuments(corpus, tokenizer, all), {c.batch_size, c.config.block_size, 42});
  Config config = c.config;
  config.vocab_size = tokenizer.vocab_size();
  const auto engine = make_fast_engine(config, {.prefix_sharing = c.sharing});
  engine->load(testing::random_parameters(config, 1, 0.08));
  TrainingOptions options{.num_steps = c.num_steps};
  if (c.regularises) {
    options.dropout = 0.1;
    options.clip = 1.0;
  }
  std::optional<SoftTargets> soft_targets;
  if (c.has_teacher) soft_targets.emplace(config.vocab_size, epochs.windows()).mix_in(*engine, epochs.windows(), 0.5);
  Trainer trainer(
      *engine, [&](std::size_t step, Batch& batch) { epochs.fill(step, batch, soft_targets ? &*soft_targets : nullptr); },
      options);
  ASSERT_GT(c.num_steps * c.batch_size, corpus.size()) << "no change of epochs";
  EXPECT_GT(allocations_of([&] { trainer.train_step(); }), 0U);
  while (trainer.step() < trainer.num_steps())
    ASSERT_EQ(allocations_of([&] {
                trainer.train_step();
                if (c.regularises) trainer.gradient_norm();
              }),
              0U)
        << "in step " << trainer.step();
}

INSTANTIATE_TEST_SUITE_P(
    Names, AllocationTest,
    ::testing::Values(Case{"Batch16Shared", 16, PrefixSharing::where_it_pays, 2100},
                      Case{"Batch16", 16, PrefixSharing::never, 2100},
                      Case{"Batch64Shared", 64, PrefixSharing::where_it_pays, 2100},
                      Case{"Batch64", 64, PrefixSharing::never, 2100},
                      // Batches that have now one shard and now two, now two and now four, and so on.
                      Case{"Batch54", 54, PrefixSharing::where_it_pays, 2100},
                      Case{"Batch108", 108, PrefixSharing::where_it_pays, 2100, {.n_embd = 4, .n_head = 2}},
                      Case{"Batch216", 216, PrefixSharing::where_it_pays, 2100, {.n_embd = 4, .n_head = 2}},
                      Case{"Batch432", 432, PrefixSharing::never, 500, {.n_embd = 4, .n_head = 2}},
                      Case{"Dropout", 108, PrefixSharing::where_it_pays, 2100, {.n_embd = 4, .n_head = 2}, true},
                      Case{"Teacher", 108, PrefixSharing::where_it_pays, 2100, {.n_embd = 4, .n_head = 2}, false, true},
                      // A context of which documents fill little, and one that is shorter than they are.
                      Case{"LongContext", 16, PrefixSharing::where_it_pays, 2100, {.block_size = 100}},
                      Case{"ShortContext", 64, PrefixSharing::where_it_pays, 2100, {.block_size = 3}}),
    [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace microgpt::fast::allocation_test
