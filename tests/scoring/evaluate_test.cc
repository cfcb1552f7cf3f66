// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "engine/loss.h"
#include "microgpt/error.h"
#include "scoring/document_scorer.h"
#include "scoring/evaluation.h"
#include "support/models.h"

namespace microgpt::evaluation_test {
namespace {

constexpr std::size_t kAlphabet = 4;

TokenizedDocuments documents_of(const std::string& text) {
  const Corpus corpus = Corpus::from_lines("test", text);
  std::vector<std::size_t> indices(corpus.size());
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  return {corpus, Tokenizer::from_characters(U"abcd"), indices};
}

std::unique_ptr<Engine> engine_with(std::size_t block_size, double std) {
  const Config config{.vocab_size = kAlphabet + 1, .n_embd = 4, .n_head = 2, .block_size = block_size};
  auto engine = make_graph_engine(config);
  engine->load(testing::random_parameters(config, 1, std));
  return engine;
}

TEST(Evaluation, BitsPerCharacterCountTheEndTokenAndDivideByCharactersAlone) {
  const auto engine = engine_with(8, 0.0);  // which knows nothing: each position costs ln 5
  const Evaluation evaluation = evaluate(*engine, documents_of("ab\nc\n"));
  EXPECT_EQ(evaluation.documents, 2U);
  EXPECT_EQ(evaluation.positions, 5U);
  EXPECT_EQ(evaluation.characters, 3U);
  EXPECT_NEAR(evaluation.loss.token_mean, std::log(5.0), 1e-12);
  EXPECT_NEAR(evaluation.bits_per_character(), 5.0 * std::log2(5.0) / 3.0, 1e-12);
  EXPECT_NEAR(evaluation.perplexity(), 5.0, 1e-12);
}

TEST(Evaluation, DocumentsCountWholeHoweverLongTheyAre) {
  const auto engine = engine_with(2, 0.0);
  const Evaluation evaluation = evaluate(*engine, documents_of("abcd\na\nab\n"));
  EXPECT_EQ(evaluation.positions, 10U);
  EXPECT_EQ(evaluation.characters, 7U);
}

TEST(Evaluation, BothMeansAreThoseOfTheEngine) {
  const auto engine = engine_with(8, 0.5);
  const TokenizedDocuments documents = documents_of("abcd\na\n");
  const Evaluation evaluation = evaluate(*engine, documents);
  Batch batch;
  for (std::size_t d = 0; d < 2; ++d) documents.append(d, 0, documents.positions(d), batch);
  EXPECT_NEAR(evaluation.loss.document_mean, mean_loss(*engine, batch).document_mean, 1e-12);
  EXPECT_NEAR(evaluation.loss.token_mean, mean_loss(*engine, batch).token_mean, 1e-12);
  EXPECT_NE(evaluation.loss.document_mean, evaluation.loss.token_mean);
}

// One document that comes in many pieces costs what the scorer says of it as a whole.
TEST(Evaluation, LongDocumentsAreScoredAsTheyAre) {
  const auto engine = engine_with(8, 0.5);
  std::string text;
  for (int i = 0; i < 3000; ++i) text += "abcd"[i * i % 7 % 4];
  Tally tally(4);
  DocumentScorer scorer(*engine, [&](const ScoredPart& part) { tally.add(part); });
  scorer.add(Tokenizer::from_characters(U"abcd").encode(text));
  scorer.finish();
  const Evaluation evaluation = evaluate(*engine, documents_of(text));
  EXPECT_EQ(evaluation.positions, 3001U);
  EXPECT_EQ(evaluation.loss.token_mean, tally.evaluation().loss.token_mean);
}

TEST(Evaluation, ALossThatIsNoNumberIsAnError) {
  const Config config{.vocab_size = kAlphabet + 1, .n_embd = 4, .n_head = 2, .block_size = 8};
  const auto engine = make_graph_engine(config);
  std::vector<double> parameters = testing::random_parameters(config, 1);
  parameters.front() = std::numeric_limits<double>::infinity();
  engine->load(parameters);
  EXPECT_THROW(evaluate(*engine, documents_of("abcd\n")), Error);
}

}  // namespace
}  // namespace microgpt::evaluation_test
