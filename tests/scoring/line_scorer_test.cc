// SPDX-License-Identifier: MIT
#include "scoring/line_scorer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scoring/document_scorer.h"
#include "support/closeness.h"
#include "support/models.h"
#include "text/encoded_text.h"

namespace microgpt::line_scorer_test {
namespace {

const Config kConfig{.vocab_size = 5, .n_embd = 8, .n_head = 2, .block_size = 6};

std::unique_ptr<Engine> engine_of(const Config& config, std::uint64_t seed = 1) {
  auto engine = make_fast_engine(config);
  engine->load(testing::random_parameters(config, seed));
  return engine;
}

std::vector<std::string> some_lines() {
  const std::vector<std::string> characters{"a", "b", "c", "d", "\u00e9"};
  std::vector<std::string> lines;
  PythonRandom random(3);
  for (int i = 0; i < 300; ++i) {
    std::string line;
    for (std::size_t n = random.randbelow(20); n > 0; --n) line += characters[random.randbelow(characters.size())];
    lines.push_back(line);
  }
  return lines;
}

LineChunk chunk_of(const std::vector<std::string>& lines) {
  LineChunk chunk;
  for (const std::string& line : lines) chunk.add(line);
  return chunk;
}

TEST(LineScorer, KeepsWhatALinearModelSaysOfEachLine) {
  const auto engine = engine_of(kConfig);
  const Tokenizer tokenizer = Tokenizer::from_characters(U"abcd");
  LinearModel linear(3, tokenizer.vocab_size());
  for (std::uint32_t bucket = 0; bucket < linear.buckets(); ++bucket)
    linear.weights(bucket)[bucket % 2] = std::sin(static_cast<float>(bucket));
  const std::vector<std::string> lines = some_lines();
  std::vector<std::vector<double>> expected;
  for (const std::string& line : lines) {
    LinearTally tally(linear);
    const std::vector<Token> tokens = tokenizer.encode_marking_unseen(line);
    for (const Token token : std::span(tokens).subspan(1)) tally.add(token);
    expected.push_back(tally.end());
  }
  LineScorer scorer({{engine.get(), &tokenizer}, {engine.get(), &tokenizer}}, {.linear = &linear});
  EXPECT_EQ(scorer.score(chunk_of(lines)).linear, expected);
  for (std::size_t i = 0; i < 20; ++i) {
    const std::size_t cut = lines[i].empty() ? 0 : static_cast<unsigned char>(lines[i].front()) < 0x80 ? 1 : 2;
    scorer.append(std::string_view(lines[i]).substr(0, cut));
    scorer.append(std::string_view(lines[i]).substr(cut));
    EXPECT_EQ(scorer.end_line().linear.front(), expected[i]) << lines[i];
  }
}

// The same chains of additions: what `score` says of lines is what `eval` says of the corpus of them, to the last bit.
TEST(LineScorer, AgreesWithTheEvaluationOfACorpus) {
  const auto engine = engine_of(kConfig);
  const Tokenizer tokenizer = Tokenizer::from_characters(U"abcd");
  const std::vector<std::string> lines = some_lines();
  Tally tally(tokenizer.bos());
  DocumentScorer documents(*engine, [&](const ScoredPart& part) { tally.add(part); });
  for (const std::string& line : lines) documents.add_text(tokenizer, line);
  documents.finish();
  const Evaluation evaluation = tally.evaluation();

  LineScorer scorer({{engine.get(), &tokenizer}}, {});
  const std::vector<DocumentLoss> losses = scorer.score(chunk_of(lines)).by_model.front();
  ASSERT_EQ(losses.size(), lines.size());
  double nats = 0.0;
  double means = 0.0;
  std::size_t positions = 0;
  std::size_t unseen = 0;
  for (const DocumentLoss& loss : losses) {
    nats += loss.nats;
    means += loss.token_mean();
    positions += loss.positions;
    unseen += loss.unseen;
  }
  EXPECT_EQ(positions, evaluation.positions);
  EXPECT_EQ(unseen, evaluation.unseen);
  EXPECT_GT(unseen, 0U);
  EXPECT_EQ(nats / static_cast<double>(positions), evaluation.loss.token_mean);
  EXPECT_EQ(means / static_cast<double>(losses.size()), evaluation.loss.document_mean);
}

TEST(LineScorer, ChunksAndPiecesDoNotMatter) {
  const auto engine = engine_of(kConfig);
  const Tokenizer tokenizer = Tokenizer::from_characters(U"abcd");
  const std::vector<std::string> lines = some_lines();
  LineScorer scorer({{engine.get(), &tokenizer}}, {.positions = true});
  const ScoredLines together = scorer.score(chunk_of(lines));
  std::vector<double> positions;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    ScoredLines alone = scorer.score(chunk_of({lines[i]}));
    EXPECT_EQ(alone.by_model.front().front().nats, together.by_model.front()[i].nats);
    for (const std::size_t size : {2U, 7U}) {
      for (std::size_t at = 0; at < lines[i].size();) {
        std::size_t end = std::min(at + size, lines[i].size());
        end -= unfinished_utf8(std::string_view(lines[i]).substr(0, end));
        scorer.append(std::string_view(lines[i]).substr(at, end - at));
        at = end;
      }
      EXPECT_EQ(scorer.end_line().positions, alone.positions) << lines[i];
    }
    positions.insert(positions.end(), alone.positions.begin(), alone.positions.end());
  }
  EXPECT_EQ(testing::find_different_bits(positions, together.positions), std::nullopt);
}

// Within the context and past it, where the window slides.
TEST(LineScorer, ProbabilitiesOfAllContinuationsSumToOne) {
  for (const std::size_t n_layer : {1U, 2U}) {
    Config config = kConfig;
    config.n_layer = n_layer;
    const auto engine = engine_of(config);
    const Tokenizer tokenizer = Tokenizer::from_characters(U"abcd");
    std::string prefix;
    for (std::size_t length = 0; length < 40; ++length) {
      LineScorer scorer({{engine.get(), &tokenizer}}, {.positions = true});
      // The end comes after the prefix, and each character before another end.
      double sum = std::exp(-scorer.score(chunk_of({prefix})).positions.back());
      for (const char c : {'a', 'b', 'c', 'd'}) sum += std::exp(-scorer.score(chunk_of({prefix + c})).positions[length]);
      EXPECT_NEAR(sum, 1.0, 1e-6) << length;
      prefix += "abcd"[length * length % 7 % 4];
    }
  }
}

TEST(LineScorer, WhatOneOfTwoModelsDoesNotKnowIsUnseenByBoth) {
  const auto first = engine_of(kConfig);
  const auto second = engine_of({.vocab_size = 4, .n_embd = 8, .n_head = 2, .block_size = 6}, 2);
  const Tokenizer abcd = Tokenizer::from_characters(U"abcd");
  const Tokenizer abe = Tokenizer::from_characters(U"abe");
  LineScorer both({{first.get(), &abcd}, {second.get(), &abe}}, {});
  LineScorer alone({{first.get(), &abcd}}, {});
  const std::vector<std::string> lines{"abba", "acdeb", "", "xa"};
  const ScoredLines scored = both.score(chunk_of(lines));
  ASSERT_EQ(scored.by_model.size(), 2U);
  for (const auto& losses : scored.by_model) {
    ASSERT_EQ(losses.size(), lines.size());
    EXPECT_EQ(losses[0].unseen, 0U);
    EXPECT_EQ(losses[1].unseen, 3U);
    EXPECT_EQ(losses[2].positions, 1U);
    EXPECT_EQ(losses[3].unseen, 1U);
  }
  const ScoredLines expected = alone.score(chunk_of({"abba", "axxxb", "", "xa"}));
  for (std::size_t i = 0; i < lines.size(); ++i) EXPECT_EQ(scored.by_model[0][i].nats, expected.by_model[0][i].nats) << i;
}

// Between two line feeds, the second of which is no character; or between two of BOS, where the model knows no line feed.
TEST(LineScorer, ALineIsAPieceOfTextToAModelOfText) {
  const auto engine = engine_of(kConfig);
  const Tokenizer tokenizer = Tokenizer::from_characters(U"\nabc");
  LineScorer scorer({{engine.get(), &tokenizer, CorpusKind::text}}, {});
  const std::vector<DocumentLoss> losses = scorer.score(chunk_of({"ab", ""})).by_model.front();
  ASSERT_EQ(losses.size(), 2U);
  for (const auto& [line, tokens] : {std::pair(0U, std::vector<Token>{0, 1, 2, 0}), std::pair(1U, std::vector<Token>{0, 0})}) {
    Batch batch;
    batch.append(tokens, 6);
    double nats = 0.0;
    for (const double loss : engine->losses(batch)) nats += loss;
    EXPECT_NEAR(losses[line].nats, nats, 1e-6);
    EXPECT_EQ(losses[line].positions, tokens.size() - 1);
    EXPECT_EQ(losses[line].characters, tokens.size() - 2);
  }
  const Tokenizer without = Tokenizer::from_characters(U"abcd");
  EXPECT_EQ(line_boundary(without, CorpusKind::text), without.bos());
  EXPECT_EQ(line_boundary(tokenizer, CorpusKind::lines), tokenizer.bos());
}

}  // namespace
}  // namespace microgpt::line_scorer_test
