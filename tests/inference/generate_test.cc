// SPDX-License-Identifier: MIT
#include "inference/generate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/graph/gpt.h"
#include "engine/graph/graph_engine.h"
#include "microgpt/error.h"
#include "support/closeness.h"
#include "support/models.h"

namespace microgpt::generate_test {
namespace {

TEST(Generate, TemperatureSharpensAndFlattens) {
  const std::vector<double> logits{0.0, std::log(2.0)};
  EXPECT_NEAR(next_token_probabilities(logits, 1.0)[1], 2.0 / 3.0, 1e-15);
  EXPECT_NEAR(next_token_probabilities(logits, 0.5)[1], 4.0 / 5.0, 1e-15);
  EXPECT_NEAR(next_token_probabilities(logits, 1e6)[1], 0.5, 1e-6);
}

TEST(Generate, ProbabilitiesHaveTheBitsOfTheGraph) {
  PythonRandom random(1);
  for (int i = 0; i < 1000; ++i) {
    std::vector<double> logits;
    std::vector<graph::Number> scaled;
    const double temperature = 0.1 + random.random();
    for (int j = 0; j < 27; ++j) {
      logits.push_back(random.gauss(0.0, 3.0));
      scaled.push_back(graph::Number{logits.back()} / temperature);
    }
    std::vector<double> expected;
    for (const graph::Number p : graph::softmax(scaled)) expected.push_back(p.data());
    ASSERT_EQ(testing::find_different_bits(next_token_probabilities(logits, temperature), expected), std::nullopt);
  }
}

// A sampler must draw each continuation as often as its probability says.
TEST(Generate, DrawsWhatTheModelSays) {
  const Config config{.vocab_size = 4, .n_embd = 4, .n_head = 2, .block_size = 1};
  graph::GraphEngine engine(config);
  engine.load(testing::random_parameters(config, 1));
  const Token bos = 3;
  const std::vector<double> expected = next_token_probabilities(engine.open_stream()->feed(bos), 0.7);
  std::vector<double> counts(4);
  PythonRandom random(1);
  constexpr int kDraws = 20000;
  for (int i = 0; i < kDraws; ++i) {
    const std::vector<Token> tokens = generate(engine, bos, 0.7, random);
    ++counts[static_cast<std::size_t>(tokens.empty() ? bos : tokens[0])];
  }
  for (std::size_t token = 0; token < 4; ++token) {
    const double sigma = std::sqrt(expected[token] * (1 - expected[token]) / kDraws);
    EXPECT_NEAR(counts[token] / kDraws, expected[token], 5 * sigma) << token;
  }
}

TEST(Generate, StopsAtTheContext) {
  const Config config{.vocab_size = 50, .n_embd = 4, .n_head = 2, .block_size = 3};
  graph::GraphEngine engine(config);
  PythonRandom random(1);
  for (int i = 0; i < 200; ++i) EXPECT_LE(generate(engine, 49, 1.0, random).size(), 3U);
}

TEST(Generate, ATemperatureTooCloseToZeroIsAnError) {
  const Config config{.vocab_size = 4, .n_embd = 4, .n_head = 2, .block_size = 3};
  graph::GraphEngine engine(config);
  engine.load(testing::random_parameters(config, 1));
  PythonRandom random(1);
  EXPECT_THROW(generate(engine, 3, 1e-320, random), Error);
}

TEST(Generate, ATemperatureOfZeroTakesTheLikeliestAndDrawsNothing) {
  const Config config{.vocab_size = 9, .n_embd = 4, .n_head = 2, .block_size = 5};
  graph::GraphEngine engine(config);
  engine.load(testing::random_parameters(config, 2));
  PythonRandom random(1);
  PythonRandom untouched(1);
  const Token bos = 8;
  std::vector<Token> tokens = generate(engine, bos, 0.0, random);
  EXPECT_EQ(random.random(), untouched.random());
  if (tokens.size() < config.block_size) tokens.push_back(bos);
  const auto stream = engine.open_stream();
  Token token = bos;
  for (const Token chosen : tokens) {
    const auto logits = stream->feed(token);
    EXPECT_EQ(logits[static_cast<std::size_t>(chosen)], *std::max_element(logits.begin(), logits.end()));
    token = chosen;
  }
}

// Greedy, what follows the beginning of a document is its rest, as the prompt is all that the model has read.
TEST(Generate, GoesOnFromThePrompt) {
  const Config config{.vocab_size = 9, .n_embd = 4, .n_head = 2, .block_size = 5};
  graph::GraphEngine engine(config);
  const Token bos = 8;
  PythonRandom random(1);
  std::size_t longest = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    engine.load(testing::random_parameters(config, seed));
    const std::vector<Token> whole = generate(engine, bos, 0.0, random);
    longest = std::max(longest, whole.size());
    for (std::size_t n = 0; n < std::min<std::size_t>(whole.size(), 5); ++n)
      EXPECT_EQ(generate(engine, bos, 0.0, random, std::span(whole).first(n)), whole) << n;
  }
  EXPECT_GE(longest, 3U) << "or the prompts above were none";
}

TEST(Generate, ThePromptStandsAtTheFrontAndCountsAsPartOfTheContext) {
  const Config config{.vocab_size = 9, .n_embd = 4, .n_head = 2, .block_size = 5};
  graph::GraphEngine engine(config);
  engine.load(testing::random_parameters(config, 2));
  PythonRandom random(1);
  const std::vector<Token> prompt{7, 7, 7, 7};
  for (int i = 0; i < 20; ++i) {
    const std::vector<Token> tokens = generate(engine, 8, 1.0, random, prompt);
    EXPECT_LE(tokens.size(), 5U);
    ASSERT_GE(tokens.size(), 4U);
    EXPECT_TRUE(std::equal(prompt.begin(), prompt.end(), tokens.begin()));
  }
}

}  // namespace
}  // namespace microgpt::generate_test
