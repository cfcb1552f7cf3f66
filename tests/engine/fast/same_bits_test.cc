// SPDX-License-Identifier: MIT
// The same bits: on every instruction set and with every compiler, through training, and with and without prefix sharing where
// the contract says so.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <string>

#include "engine/fast/agreement.h"
#include "engine/fast/packing.h"
#include "support/closeness.h"
#include "support/length.h"
#include "support/models.h"
#include "text/hashes.h"
#include "training/trainer.h"

namespace microgpt::fast::same_bits_test {
namespace {

// Documents that begin alike now and then, `positions` of them a batch or more.
Batch batch_of_step(const Config& config, std::size_t positions, std::size_t step) {
  PythonRandom random(step);
  Config few = config;
  few.vocab_size = std::min<std::size_t>(config.vocab_size, 6);
  Batch batch;
  while (batch.positions() < positions)
    batch.append(testing::random_document(few, 1 + random.randbelow(config.block_size), random), config.block_size);
  return batch;
}

// Of the parameters after training: hash_of().
struct StoredBits {
  std::uint64_t sharing;
  std::uint64_t never;

  bool operator==(const StoredBits&) const = default;
};

struct Case {
  Config config;
  std::size_t positions;
  StoredBits after_training;
  std::size_t num_steps = 50;
  bool regularises = false;  // with dropout, weight decay and clipping
};

struct TrainedRun {
  std::vector<double> losses;
  std::vector<double> gradient;
  std::vector<double> parameters;
  bool padding_is_zero = true;
};

// Whether what the engine's layout adds to the parameters is still 0.
bool is_padding_zero(const Config& config, std::span<const float> packed) {
  const Packing packing(config);
  std::vector<double> parameters(packing.table().parameter_count());
  packing.unpack(packed, parameters);
  std::vector<float> again(packed.size());
  packing.pack(parameters, again);
  return std::equal(packed.begin(), packed.end(), again.begin());
}

// Parameters that no C library's mathematics goes into, as its last bits differ from machine to machine.
std::vector<double> exact_parameters(const Config& config) {
  PythonRandom random(7);
  std::vector<double> parameters(ParameterTable(config).parameter_count());
  for (double& p : parameters) p = (random.random() - 0.5) * 0.375;
  return parameters;
}

TrainedRun train(const Case& c, const FastEngineOptions& options) {
  const auto engine = make_fast_engine(c.config, options);
  engine->load(exact_parameters(c.config));
  TrainingOptions training{.num_steps = c.num_steps};
  if (c.regularises) {
    training.dropout = 0.1;
    training.dropout_seed = 5;
    training.adam.weight_decay = 0.1;
    training.clip = 0.5;
  }
  Trainer trainer(
      *engine, [&](std::size_t step, Batch& batch) { batch = batch_of_step(c.config, c.positions, step); }, training,
      options.target);
  TrainedRun run;
  while (trainer.step() < trainer.num_steps()) run.losses.push_back(trainer.train_step());
  run.gradient.resize(ParameterTable(c.config).parameter_count());
  run.parameters = run.gradient;
  engine->store_gradient(run.gradient);
  engine->store(run.parameters);
  run.padding_is_zero = is_padding_zero(c.config, std::get<Buffers<float>>(engine->buffers()).parameters);
  return run;
}

// Of the parameters' bytes, as single precision with its little end first.
std::uint64_t hash_of(const std::vector<double>& parameters) {
  std::string bytes;
  for (const double p : parameters) {
    const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(p));
    for (unsigned shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<char>(bits >> shift & 0xFF));
  }
  return siphash(bytes, {});
}

// The one place with stored bits of the fast engine, equal for all compilers, targets and machines. They are what the test
// printed when it failed for the first time. A kernel that rounds otherwise changes them on purpose, and all of them; then what
// the test prints now, the same with g++ and clang, belongs here. A difference between compilers alone is a mistake.
std::vector<Case> cases() {
  return {
      {{}, 114, {0x4f9fb586d0a43022, 0x134bfe135a09ba8e}},  // 16 names
      {{}, 456, {0xaf3e73fc96ac134e, 0x09df5fade6ba84b7}},
      {{.vocab_size = 27, .n_embd = 4, .n_head = 2, .block_size = 16}, 3300, {0xe1078986c6a1ba2e, 0xf1a188c0b6bb659a}, 10},
      {{.vocab_size = 30, .n_layer = 2, .n_embd = 32, .n_head = 4, .block_size = 20, .activation = Activation::squared_relu},
       60,
       {0x8825767a52ce7b57, 0x49fce0749d8a696b}},
      {{.vocab_size = 65, .n_embd = 21, .n_head = 3, .block_size = 40}, 80, {0x93b09aa83f1a4591, 0x07ab796b6cddce19}},
      {{.vocab_size = 17, .n_embd = 16, .n_head = 4, .block_size = 48}, 420, {0x74587884c8206e38, 0xaf590eb66fe5a36a}},
      {{.vocab_size = 100, .n_layer = 2, .n_embd = 50, .n_head = 1, .block_size = 9},
       30,
       {0x3b313d0042a9be01, 0x9ce1dfdcec1b32ba}},
      {{.vocab_size = 27, .n_layer = 2, .n_embd = 40, .n_head = 4, .block_size = 16},
       400,
       {0x66ed9c1c0585ee5a, 0x66ed9c1c0585ee5a},
       10,
       true},
  };
}

class SameBitsTest : public ::testing::TestWithParam<std::size_t> {};

TEST_P(SameBitsTest, OfTrainingOnEveryTargetAndCompiler) {
  Case c = cases()[GetParam()];
  c.num_steps = testing::full_or(c.num_steps, 2);
  StoredBits bits{};
  for (const PrefixSharing sharing : {PrefixSharing::where_it_pays, PrefixSharing::never}) {
    SCOPED_TRACE(sharing == PrefixSharing::never ? "no prefix sharing" : "prefix sharing");
    const TrainedRun expected = train(c, {available_targets().front(), sharing});
    EXPECT_LT(expected.losses.back(), expected.losses.front()) << "it does not learn";
    EXPECT_TRUE(expected.padding_is_zero);
    (sharing == PrefixSharing::never ? bits.never : bits.sharing) = hash_of(expected.parameters);
    for (const Target target : available_targets().subspan(1)) {
      SCOPED_TRACE(name_of(target));
      const TrainedRun actual = train(c, {target, sharing});
      EXPECT_EQ(testing::find_different_bits(actual.losses, expected.losses), std::nullopt);
      EXPECT_EQ(testing::find_different_bits(actual.gradient, expected.gradient), std::nullopt);
      EXPECT_EQ(testing::find_different_bits(actual.parameters, expected.parameters), std::nullopt);
    }
  }
  EXPECT_TRUE(!testing::kFullLength || bits == c.after_training)
      << fmt::format("the hashes are not what is stored, but {{{:#018x}, {:#018x}}}", bits.sharing, bits.never);
}

// -ln P of each position, computed alone.
std::vector<double> losses_one_by_one(Engine& engine, const Batch& batch) {
  std::vector<double> one_by_one;
  for (std::size_t d = 0; d < batch.documents(); ++d) {
    Batch one;
    const auto inputs = batch.document_inputs(d), targets = batch.document_targets(d);
    one.inputs.assign(inputs.begin(), inputs.end());
    one.targets.assign(targets.begin(), targets.end());
    one.offsets.push_back(inputs.size());
    const std::vector<double> losses = engine.losses(one);
    one_by_one.insert(one_by_one.end(), losses.begin(), losses.end());
  }
  return one_by_one;
}

// Sharing changes the order of sums of gradients, but what a position computes it computes alike; nor does it matter which
// other documents there are.
TEST_P(SameBitsTest, OfLossesWhateverElseIsInTheBatch) {
  const Case c = cases()[GetParam()];
  const Config& config = c.config;
  for (const Target target : available_targets()) {
    const auto sharing = make_fast_engine(config, {target, PrefixSharing::where_it_pays});
    const auto never = make_fast_engine(config, {target, PrefixSharing::never});
    sharing->load(testing::float_parameters(config, 1));
    never->load(testing::float_parameters(config, 1));
    const Batch batch = batch_of_step(config, c.positions, 1);
    const std::vector<double> expected = losses_one_by_one(*never, batch);
    EXPECT_EQ(testing::find_different_bits(never->losses(batch), expected), std::nullopt);
    EXPECT_EQ(testing::find_different_bits(sharing->losses(batch), expected), std::nullopt);
  }
}

// The tests above would say nothing if batches had nothing to share.
TEST_P(SameBitsTest, SharingReallyHappens) {
  const Case c = cases()[GetParam()];
  const Config& config = c.config;
  const std::vector<double> parameters = testing::float_parameters(config, 1);
  const Batch batch = batch_of_step(config, c.positions, 1);
  const auto sharing = make_fast_engine(config, {.prefix_sharing = PrefixSharing::where_it_pays});
  const auto never = make_fast_engine(config, {.prefix_sharing = PrefixSharing::never});
  EXPECT_NE(testing::results_of(*sharing, parameters, batch).gradient, testing::results_of(*never, parameters, batch).gradient);
}

INSTANTIATE_TEST_SUITE_P(Cases, SameBitsTest, ::testing::Range(std::size_t{0}, cases().size()));

}  // namespace
}  // namespace microgpt::fast::same_bits_test
