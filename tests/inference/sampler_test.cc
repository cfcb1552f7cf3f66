// SPDX-License-Identifier: MIT
#include "inference/sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>

#include "inference/generate.h"
#include "microgpt/error.h"
#include "random/counter_random.h"
#include "scoring/windows.h"
#include "support/filtered_distribution.h"
#include "support/models.h"

namespace microgpt::sampler_test {
namespace {

const Config kConfig{.vocab_size = 5, .n_layer = 2, .n_embd = 8, .n_head = 2, .block_size = 6};
constexpr Token kBos = 4;

std::unique_ptr<Engine> engine_with(std::unique_ptr<Engine> engine) {
  engine->load(testing::random_parameters(engine->config(), 7, 0.5));
  return engine;
}

std::vector<std::vector<Token>> sample(Engine& engine, std::size_t count, const SamplerOptions& options) {
  std::vector<std::vector<Token>> documents;
  sample_documents(engine, kBos, count, options,
                   [&](std::span<const Token> tokens, double) { documents.emplace_back(tokens.begin(), tokens.end()); });
  return documents;
}

TEST(Sampler, ADocumentDoesNotDependOnHowManyThereAre) {
  const auto engine = engine_with(make_fast_engine(kConfig));
  const auto many = sample(*engine, 500, {.temperature = 1.0});
  ASSERT_EQ(many.size(), 500U);
  for (const std::size_t count : {std::size_t{1}, std::size_t{3}, std::size_t{63}, std::size_t{64}, std::size_t{65}}) {
    const auto few = sample(*engine, count, {.temperature = 1.0});
    ASSERT_EQ(few.size(), count);
    for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(few[i], many[i]) << i << " of " << count;
  }
}

TEST(Sampler, ADocumentDoesNotDependOnHowManyGrowAtATime) {
  const auto engine = engine_with(make_fast_engine(kConfig));
  const auto expected = sample(*engine, 200, {.temperature = 1.0});
  for (const FirstLayer first_layer : {FirstLayer::computed, FirstLayer::looked_up})
    for (const std::size_t streams : {std::size_t{1}, std::size_t{2}, std::size_t{17}, std::size_t{64}, std::size_t{300}})
      EXPECT_EQ(sample(*engine, 200, {.temperature = 1.0, .streams = streams, .first_layer = first_layer}), expected)
          << streams;
}

TEST(Sampler, SaysThatATemperatureIsTooCloseToZero) {
  for (const auto& engine : {engine_with(make_fast_engine(kConfig)), engine_with(make_graph_engine(kConfig))})
    EXPECT_THROW(sample(*engine, 3, {.temperature = 1e-320}), Error);
}

TEST(Sampler, NoDocumentsNeedNoStreams) {
  const auto engine = engine_with(make_fast_engine(kConfig));
  EXPECT_TRUE(sample(*engine, 0, {}).empty());
}

TEST(Sampler, AnotherSeedGivesOtherDocuments) {
  const auto engine = engine_with(make_fast_engine(kConfig));
  EXPECT_NE(sample(*engine, 50, {.temperature = 1.0, .seed = 1}), sample(*engine, 50, {.temperature = 1.0, .seed = 2}));
}

TEST(Sampler, AllTargetsAndTheGraphEngineSampleTheSame) {
  const auto graph = engine_with(make_graph_engine(kConfig));
  const auto expected = sample(*graph, 200, {.temperature = 0.7});
  for (const Target target : available_targets()) {
    const auto fast = engine_with(make_fast_engine(kConfig, {.target = target}));
    EXPECT_EQ(sample(*fast, 200, {.temperature = 0.7}), expected) << name_of(target);
  }
}

// First tokens are as frequent as the model says.
TEST(Sampler, FollowsTheProbabilities) {
  const auto engine = engine_with(make_fast_engine(kConfig));
  const auto stream = engine->open_stream();
  const std::vector<double> probabilities = next_token_probabilities(stream->feed(kBos), 0.7);
  constexpr std::size_t kCount = 20000;
  std::map<Token, std::size_t> counts;
  for (const auto& tokens : sample(*engine, kCount, {.temperature = 0.7})) ++counts[tokens.empty() ? kBos : tokens.front()];
  for (Token token = 0; token <= kBos; ++token) {
    const double p = probabilities[static_cast<std::size_t>(token)];
    const double deviation = std::sqrt(p * (1 - p) * kCount);
    EXPECT_NEAR(static_cast<double>(counts[token]), p * kCount, 5 * deviation) << "token " << token;
  }
}

TEST(Sampler, TemperatureZeroTakesTheLikeliest) {
  const auto engine = engine_with(make_fast_engine(kConfig));
  const auto stream = engine->open_stream();
  std::vector<Token> expected;
  Token token = kBos;
  while (expected.size() < kConfig.block_size) {
    const auto logits = stream->feed(token);
    token = static_cast<Token>(std::max_element(logits.begin(), logits.end()) - logits.begin());
    if (token == kBos) break;
    expected.push_back(token);
  }
  for (const auto& tokens : sample(*engine, 3, {.temperature = 0.0})) EXPECT_EQ(tokens, expected);
}

TEST(Sampler, BeginsWithThePromptAndFitsTheContext) {
  const auto engine = engine_with(make_fast_engine(kConfig));
  const std::vector<Token> prompt{2, 0, 3};
  bool any_longer = false;
  for (const auto& tokens : sample(*engine, 200, {.temperature = 1.0, .prompt = prompt})) {
    ASSERT_GE(tokens.size(), prompt.size());
    EXPECT_LE(tokens.size(), kConfig.block_size);
    EXPECT_TRUE(std::equal(prompt.begin(), prompt.end(), tokens.begin()));
    any_longer = any_longer || tokens.size() > prompt.size();
  }
  EXPECT_TRUE(any_longer);
}

// A document token by token: of each, the window that the scorer would read it through is fed to a stream of its own.
std::vector<Token> sampled_in_windows(Engine& engine, std::size_t number, const SamplerOptions& options) {
  std::vector<Token> tokens(options.prompt_after_bos ? 1 : 0, kBos);
  const std::size_t bos_count = tokens.size();
  tokens.insert(tokens.end(), options.prompt.begin(), options.prompt.end());
  while (tokens.size() - bos_count < *options.max_length) {
    Window window = first_window(tokens.size(), kConfig.block_size);
    while (window.end < tokens.size()) window = next_window(window, tokens.size(), kConfig.block_size);
    const auto stream = engine.open_stream();
    std::span<const double> logits;
    for (std::size_t i = window.begin; i < window.end; ++i) logits = stream->feed(tokens[i]);
    const std::size_t position = tokens.size() - bos_count;
    const float uniform = uniforms(options.seed, number, position / 4)[position % 4];
    std::vector<double> probabilities = next_token_probabilities(logits, options.temperature);
    if (position < options.min_length) probabilities.back() = 0.0;
    testing::renormalize(probabilities);
    double sum = 0.0;
    Token token = 0;
    for (const double p : testing::filtered_distribution(probabilities, options.filter)) {
      sum += p;
      if (sum > uniform) break;
      ++token;
    }
    if (token == kBos) break;
    tokens.push_back(token);
  }
  tokens.erase(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(bos_count));
  return tokens;
}

// With and without BOS before the prompt, of prompts shorter and longer than the context.
TEST(Sampler, ReadsLongDocumentsThroughAWindowThatSlides) {
  const auto engine = engine_with(make_fast_engine(kConfig));
  const std::vector<Token> some{2, 0, 3, 1, 1, 0, 2, 3, 3, 0, 1};
  std::size_t longer = 0;
  for (const std::size_t prompt : {std::size_t{0}, std::size_t{2}, kConfig.block_size, some.size()})
    for (const bool after_bos : {true, false}) {
      if (!after_bos && prompt == 0) continue;
      SamplerOptions options{.temperature = 1.0, .prompt_after_bos = after_bos, .max_length = 40};
      options.prompt.assign(some.begin(), some.begin() + static_cast<std::ptrdiff_t>(prompt));
      const auto documents = sample(*engine, 20, options);
      for (std::size_t d = 0; d < documents.size(); ++d) {
        EXPECT_EQ(documents[d], sampled_in_windows(*engine, d, options)) << d << ", prompt " << prompt << ", " << after_bos;
        if (documents[d].size() > 2 * kConfig.block_size) ++longer;
      }
    }
  EXPECT_GT(longer, 30U) << "or the window hardly slid";
}

TEST(Sampler, DrawsFromWhatTheFilterAndTheLeastLengthLeave) {
  const auto engine = engine_with(make_fast_engine(kConfig));
  const auto unfiltered = sample(*engine, 100, {.temperature = 1.0, .max_length = 20});
  for (const TokenFilter& filter : {TokenFilter{}, TokenFilter{.top_k = 2}, TokenFilter{.top_p = 0.7}, TokenFilter{3, 0.8}})
    for (const std::size_t min_length : {std::size_t{0}, std::size_t{9}, std::size_t{20}}) {
      if (!filter.leaves_out_any() && min_length == 0) continue;
      const SamplerOptions options{.temperature = 1.0, .filter = filter, .min_length = min_length, .max_length = 20};
      const auto documents = sample(*engine, 100, options);
      EXPECT_NE(documents, unfiltered);
      for (std::size_t d = 0; d < documents.size(); ++d) {
        EXPECT_GE(documents[d].size(), min_length);
        EXPECT_EQ(documents[d], sampled_in_windows(*engine, d, options)) << d << ", at least " << min_length;
      }
    }
}

TEST(Sampler, FiltersAlikeInAllEnginesAndOnAllTargets) {
  const SamplerOptions options{.temperature = 1.0, .filter = {3, 0.8}, .min_length = 4, .max_length = 20};
  const auto expected = sample(*engine_with(make_graph_engine(kConfig)), 100, options);
  EXPECT_EQ(sample(*engine_with(make_exact_engine(kConfig)), 100, options), expected);
  for (const Target target : available_targets())
    EXPECT_EQ(sample(*engine_with(make_fast_engine(kConfig, {.target = target})), 100, options), expected) << name_of(target);
}

TEST(Sampler, OnlyTheLikeliestTokenIsGreedy) {
  const auto engine = engine_with(make_fast_engine(kConfig));
  const auto greedy = sample(*engine, 3, {.temperature = 0.0, .min_length = 5});
  EXPECT_EQ(greedy.front().size(), 6U);
  EXPECT_EQ(sample(*engine, 3, {.temperature = 2.0, .filter = {.top_k = 1}, .min_length = 5}), greedy);
  EXPECT_EQ(sample(*engine, 3, {.temperature = 2.0, .filter = {.top_p = 1e-9}, .min_length = 5}), greedy);
  EXPECT_EQ(sample(*engine, 3, {.temperature = 0.0, .filter = {1, 0.1}, .min_length = 5}), greedy);
}

TEST(Sampler, MayBeginWithALaterDocument) {
  const auto engine = engine_with(make_fast_engine(kConfig));
  const auto all = sample(*engine, 300, {.temperature = 1.0});
  const auto some = sample(*engine, 100, {.temperature = 1.0, .first = 150});
  EXPECT_TRUE(std::equal(some.begin(), some.end(), all.begin() + 150));
}

TEST(Sampler, TheWindowMayBeASingleToken) {
  Config config = kConfig;
  config.block_size = 1;
  const auto engine = engine_with(make_fast_engine(config));
  const auto documents = sample(*engine, 50, {.temperature = 1.0, .max_length = 3});
  EXPECT_TRUE(std::any_of(documents.begin(), documents.end(), [](const auto& tokens) { return tokens.size() == 3; }));
}

TEST(Sampler, LongDocumentsDependOnNothingElseEither) {
  const auto engine = engine_with(make_fast_engine(kConfig));
  const auto graph = engine_with(make_graph_engine(kConfig));
  const SamplerOptions options{.temperature = 1.0, .prompt = {1, 2}, .max_length = 50};
  const auto expected = sample(*engine, 100, options);
  EXPECT_EQ(sample(*graph, 100, options), expected);
  for (const std::size_t streams : {std::size_t{1}, std::size_t{17}, std::size_t{300}}) {
    SamplerOptions others = options;
    others.streams = streams;
    EXPECT_EQ(sample(*engine, 100, others), expected) << streams;
  }
  for (const Target target : available_targets())
    EXPECT_EQ(sample(*engine_with(make_fast_engine(kConfig, {.target = target})), 100, options), expected) << name_of(target);
}

TEST(Sampler, AShorterLimitCutsTheSameDocuments) {
  const auto engine = engine_with(make_fast_engine(kConfig));
  auto expected = sample(*engine, 100, {.temperature = 1.0, .max_length = 40});
  for (auto& tokens : expected) tokens.resize(std::min<std::size_t>(tokens.size(), 3));
  EXPECT_EQ(sample(*engine, 100, {.temperature = 1.0, .max_length = 3}), expected);
}

TEST(Sampler, MayBeStoppedBetweenSteps) {
  const auto engine = engine_with(make_fast_engine(kConfig));
  std::size_t steps = 0;
  const auto step = [&] {
    if (++steps == 7) throw std::runtime_error("enough");
  };
  EXPECT_THROW(sample(*engine, 1, {.prompt = {1}, .max_length = 1'000'000'000, .between_steps = step}), std::runtime_error);
}

TEST(Sampler, WhoTakesMayStop) {
  const auto engine = engine_with(make_fast_engine(kConfig));
  std::size_t taken = 0;
  const auto take = [&](std::span<const Token>, double) {
    if (++taken == 5) throw std::runtime_error("enough");
  };
  EXPECT_THROW(sample_documents(*engine, kBos, 1000, {}, take), std::runtime_error);
  EXPECT_EQ(taken, 5U);
}

}  // namespace
}  // namespace microgpt::sampler_test
