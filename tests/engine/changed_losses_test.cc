// SPDX-License-Identifier: MIT
// Engine::losses() with logits that somebody makes into others, of all engines.
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <memory>
#include <stdexcept>

#include "engine/loss.h"
#include "engine/make_engine.h"
#include "support/models.h"

namespace microgpt::changed_losses_test {
namespace {

const Config kConfig{.vocab_size = 21, .n_layer = 1, .n_embd = 16, .n_head = 4, .block_size = 8};

// Some documents begin alike.
Batch some_batch() {
  PythonRandom random(1);
  Batch batch;
  for (int d = 0; d < 40; ++d) {
    std::vector<Token> tokens = testing::random_document(kConfig, 8, random);
    for (std::size_t i = 1; i < 4; ++i) tokens[i] = static_cast<Token>(d % 3);
    batch.append(tokens, kConfig.block_size);
  }
  return batch;
}

std::unique_ptr<Engine> engine_of(EngineKind kind, const FastEngineOptions& options = {}) {
  auto engine = make_engine(kind, kConfig, options);
  engine->load(testing::random_parameters(kConfig, 1));
  return engine;
}

std::vector<std::uint32_t> keys_of(const Batch& batch, std::uint32_t different) {
  std::vector<std::uint32_t> keys(batch.positions());
  for (std::uint32_t i = 0; i < keys.size(); ++i) keys[i] = i % different;
  return keys;
}

TEST(ChangedLosses, OfLogitsThatStayAsTheyAreAreTheSame) {
  const Batch batch = some_batch();
  for (const EngineKind kind : {EngineKind::fast, EngineKind::exact, EngineKind::graph}) {
    const auto engine = engine_of(kind);
    const LossesOfBoth both = engine->losses(batch, {keys_of(batch, 1), [](std::size_t, std::span<float>) {}});
    EXPECT_EQ(both.plain, engine->losses(batch));
    ASSERT_EQ(both.changed.size(), batch.positions());
    for (std::size_t i = 0; i < both.plain.size(); ++i) ASSERT_NEAR(both.changed[i], both.plain[i], 2e-6) << i;
  }
}

// Where the keys differ, so may the logits, though the documents begin alike.
TEST(ChangedLosses, DependOnTheKeyOfThePosition) {
  const Batch batch = some_batch();
  const std::vector<std::uint32_t> keys = keys_of(batch, 5);
  ThreadTeam team(3);
  std::vector<std::vector<double>> engine_losses;
  for (const auto& engine : {engine_of(EngineKind::fast), engine_of(EngineKind::fast, {.team = &team}),
                             engine_of(EngineKind::fast, {.prefix_sharing = PrefixSharing::never}),
                             engine_of(EngineKind::exact), engine_of(EngineKind::graph)}) {
    std::atomic<std::size_t> calls = 0;
    const LossesOfBoth both = engine->losses(batch, {keys, [&](std::size_t position, std::span<float> logits) {
                                                       ++calls;
                                                       for (float& x : logits) x = 0.0F;
                                                       logits[keys[position]] = 5.0F;
                                                     }});
    EXPECT_LE(calls, batch.positions());
    engine_losses.push_back(both.changed);
    std::vector<float> logits(kConfig.vocab_size);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      logits.assign(kConfig.vocab_size, 0.0F);
      logits[keys[i]] = 5.0F;
      ASSERT_NEAR(both.changed[i], loss_of(logits, batch.targets[i]), 2e-6) << i;
    }
  }
  EXPECT_EQ(engine_losses[1], engine_losses[0]) << "threads";
  EXPECT_EQ(engine_losses[2], engine_losses[0]) << "beginnings that are computed for each document";
}

// Of the logits that are left, by the definition: the mean and the variance of -ln P by P.
TEST(ChangedLosses, SayWhatTheLogitsExpect) {
  const Batch batch = some_batch();
  const std::vector<std::uint32_t> keys = keys_of(batch, 5);
  const auto change = [&](std::size_t position, std::span<float> logits) {
    for (std::size_t v = 0; v < logits.size(); ++v) logits[v] = v == keys[position] ? 3.0F : -0.5F * static_cast<float>(v);
    if (keys[position] == 4) logits[7] = -1e30F;
  };
  std::vector<LossesOfBoth> all;
  for (const Target target : available_targets()) {
    all.push_back(engine_of(EngineKind::fast, {.target = target})->losses(batch, {keys, change, true}));
    for (std::size_t i = 0; i < batch.positions(); ++i) {
      EXPECT_EQ(all.back().expected[i].mean, all.front().expected[i].mean) << name_of(target);
      EXPECT_EQ(all.back().expected[i].variance, all.front().expected[i].variance) << name_of(target);
    }
  }
  for (const EngineKind kind : {EngineKind::exact, EngineKind::graph})
    all.push_back(engine_of(kind)->losses(batch, {keys, change, true}));
  for (const LossesOfBoth& losses : all) {
    ASSERT_EQ(losses.expected.size(), batch.positions());
    std::vector<float> logits(kConfig.vocab_size);
    for (std::size_t i = 0; i < batch.positions(); ++i) {
      change(i, logits);
      double mean = 0.0, square = 0.0;
      for (std::size_t v = 0; v < logits.size(); ++v) {
        const double loss = loss_of(logits, static_cast<Token>(v));
        mean += std::exp(-loss) * loss;
        square += std::exp(-loss) * (loss > 1e4 ? 0.0 : loss * loss);
      }
      ASSERT_NEAR(losses.expected[i].mean, mean, 1e-5);
      ASSERT_NEAR(losses.expected[i].variance, square - mean * mean, 1e-4);
    }
  }
}

TEST(ChangedLosses, WithoutAChangeSayWhatTheEngineExpects) {
  const Batch batch = some_batch();
  const std::vector<std::uint32_t> keys = keys_of(batch, 1);
  const LossesOfBoth exact = engine_of(EngineKind::exact)->losses(batch, {keys, {}, true});
  const LossesOfBoth fast = engine_of(EngineKind::fast)->losses(batch, {keys, {}, true});
  for (std::size_t i = 0; i < batch.positions(); ++i) {
    ASSERT_NEAR(fast.changed[i], fast.plain[i], 2e-6);
    ASSERT_NEAR(fast.expected[i].mean, exact.expected[i].mean, 1e-5);
    ASSERT_NEAR(fast.expected[i].variance, exact.expected[i].variance, 1e-4);
    ASSERT_GT(fast.expected[i].variance, 0.0);
  }
  EXPECT_TRUE(engine_of(EngineKind::fast)->losses(batch, {keys, {}}).expected.empty()) << "where it is not asked for";
}

TEST(ChangedLosses, WhatIsThrownEndsIt) {
  const Batch batch = some_batch();
  ThreadTeam team(2);
  const auto engine = engine_of(EngineKind::fast, {.team = &team});
  const std::vector<std::uint32_t> keys = keys_of(batch, 1);
  const LogitChange fails{keys, [](std::size_t, std::span<float>) { throw std::runtime_error("no"); }};
  EXPECT_THROW(engine->losses(batch, fails), std::runtime_error);
  EXPECT_EQ(engine->losses(batch), engine_of(EngineKind::fast)->losses(batch)) << "the engine works on";
}

}  // namespace
}  // namespace microgpt::changed_losses_test
