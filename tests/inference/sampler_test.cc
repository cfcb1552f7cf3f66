#include "inference/sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>

#include "inference/generate.h"
#include "microgpt/error.h"
#include "support/models.h"

namespace microgpt {
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
                   [&](std::span<const Token> tokens) { documents.emplace_back(tokens.begin(), tokens.end()); });
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

TEST(Sampler, WhoTakesMayStop) {
  const auto engine = engine_with(make_fast_engine(kConfig));
  std::size_t taken = 0;
  const auto take = [&](std::span<const Token>) {
    if (++taken == 5) throw std::runtime_error("enough");
  };
  EXPECT_THROW(sample_documents(*engine, kBos, 1000, {}, take), std::runtime_error);
  EXPECT_EQ(taken, 5U);
}

}  // namespace
}  // namespace microgpt
