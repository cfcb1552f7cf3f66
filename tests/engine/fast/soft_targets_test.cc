// SPDX-License-Identifier: MIT
// The loss is linear in what positions must predict: probabilities are a mixture of targets, and so are loss and gradient.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "engine/fast/agreement.h"
#include "microgpt/parameters.h"
#include "support/models.h"

namespace microgpt::fast::soft_targets_test {
namespace {

constexpr Config kConfig{.vocab_size = 19, .n_layer = 2, .n_embd = 20, .n_head = 2, .block_size = 9};
const std::vector<double> kWeights{0.5, 0.375, 0.125};

struct Computed {
  double loss;
  std::vector<double> gradient;
};

struct How {
  PrefixSharing sharing = PrefixSharing::never;
  LossMean mean = LossMean::document;
  Dropout dropout = {};
};

Computed compute(const Batch& batch, Target target, const How& how) {
  const auto engine = make_fast_engine(kConfig, {target, how.sharing});
  engine->load(testing::float_parameters(kConfig, 3));
  Computed computed{engine->loss_and_gradient(batch, how.dropout, how.mean), {}};
  computed.gradient.resize(ParameterTable(kConfig).parameter_count());
  engine->store_gradient(computed.gradient);
  return computed;
}

// The same documents with other targets.
Batch with_other_targets(Batch batch, std::uint64_t seed) {
  PythonRandom random(seed);
  for (Token& target : batch.targets) target = static_cast<Token>(random.randbelow(kConfig.vocab_size));
  return batch;
}

void expect_mixture(const How& how) {
  const Batch documents = testing::random_batch(kConfig, {9, 1, 4, 9, 2}, 5);
  const std::size_t vocab_size = kConfig.vocab_size;
  Batch mixed = documents;
  mixed.soft_targets.assign(mixed.positions() * vocab_size, 0.0F);
  Computed expected{0.0, std::vector<double>(ParameterTable(kConfig).parameter_count())};
  for (std::size_t i = 0; i < kWeights.size(); ++i) {
    const Batch hard = with_other_targets(documents, i);
    for (std::size_t p = 0; p < hard.positions(); ++p)
      mixed.soft_targets[p * vocab_size + static_cast<std::size_t>(hard.targets[p])] += static_cast<float>(kWeights[i]);
    const Computed part = compute(hard, best_target(), how);
    expected.loss += kWeights[i] * part.loss;
    for (std::size_t j = 0; j < part.gradient.size(); ++j) expected.gradient[j] += kWeights[i] * part.gradient[j];
  }
  const Computed first = compute(mixed, available_targets().front(), how);
  EXPECT_NEAR(first.loss, expected.loss, 1e-6);
  for (std::size_t j = 0; j < first.gradient.size(); ++j) ASSERT_NEAR(first.gradient[j], expected.gradient[j], 1e-6) << j;
  for (const Target target : available_targets().subspan(1)) {
    const Computed same = compute(mixed, target, how);
    EXPECT_EQ(same.loss, first.loss) << name_of(target);
    EXPECT_EQ(same.gradient, first.gradient) << name_of(target);
  }
}

TEST(SoftTargetsOfABatch, AreAMixtureOfTargets) {
  expect_mixture({});
  expect_mixture({.mean = LossMean::token});
  expect_mixture({.dropout = {0.2, 1, 2}});
  expect_mixture({.sharing = PrefixSharing::where_it_pays, .mean = LossMean::token});
}

TEST(SoftTargetsOfABatch, ThatAreCertainAreTargets) {
  const Batch hard = testing::random_batch(kConfig, {9, 3, 9}, 5);
  Batch certain = hard;
  certain.soft_targets.assign(hard.positions() * kConfig.vocab_size, 0.0F);
  for (std::size_t p = 0; p < hard.positions(); ++p)
    certain.soft_targets[p * kConfig.vocab_size + static_cast<std::size_t>(hard.targets[p])] = 1.0F;
  for (const LossMean mean : {LossMean::document, LossMean::token}) {
    const Computed expected = compute(hard, best_target(), {.mean = mean});
    const Computed actual = compute(certain, best_target(), {.mean = mean});
    EXPECT_EQ(actual.loss, expected.loss);
    EXPECT_EQ(actual.gradient, expected.gradient);
  }
}

}  // namespace
}  // namespace microgpt::fast::soft_targets_test
