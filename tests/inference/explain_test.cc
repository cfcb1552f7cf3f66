#include "inference/explain.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "engine/graph/graph_engine.h"
#include "report/explanation_table.h"
#include "report/text_table.h"
#include "scoring/document_scorer.h"
#include "scoring/unseen.h"
#include "support/models.h"

namespace microgpt {
namespace {

class ExplainTest : public ::testing::Test {
 protected:
  ExplainTest() { engine_.load(testing::random_parameters(engine_.config(), 1)); }

  const Tokenizer tokenizer_{Corpus::from_lines("test", "abcd")};
  GraphEngine engine_{Config{.vocab_size = 5, .n_embd = 4, .n_head = 2, .block_size = 4}};
};

TEST_F(ExplainTest, SaysWhatTheLossSays) {
  Batch batch;
  batch.append(tokenizer_.encode("cab"), 4);
  const std::vector<double> losses = engine_.losses(batch);
  const Explanation explanation = explain(engine_, tokenizer_, "cab");
  ASSERT_EQ(explanation.positions.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(explanation.positions[i].nats, losses[i], 1e-14);
    EXPECT_NEAR(explanation.positions[i].probability, std::exp(-losses[i]), 1e-14);
    EXPECT_NEAR(explanation.positions[i].bits(), losses[i] / std::log(2.0), 1e-14);
    EXPECT_EQ(explanation.positions[i].input, batch.inputs[i]);
    EXPECT_EQ(explanation.positions[i].target, batch.targets[i]);
  }
  EXPECT_NEAR(explanation.mean_nats(), engine_.loss_and_gradient(batch), 1e-14);
}

TEST_F(ExplainTest, AlternativesAreTheLikeliestOthers) {
  const Explanation explanation = explain(engine_, tokenizer_, "ab", 10);
  for (const PositionLoss& p : explanation.positions) {
    ASSERT_EQ(p.alternatives.size(), 4U) << "all but the target";
    double total = p.probability;
    double previous = 1.0;
    for (const Candidate& c : p.alternatives) {
      EXPECT_NE(c.token, p.target);
      EXPECT_LE(c.probability, previous);
      previous = c.probability;
      total += c.probability;
    }
    EXPECT_NEAR(total, 1.0, 1e-14);
  }
}

std::vector<double> scored(Engine& engine, const Tokenizer& tokenizer, std::string_view document) {
  std::vector<double> losses;
  DocumentScorer scorer(engine,
                        [&](const ScoredPart& part) { losses.insert(losses.end(), part.losses.begin(), part.losses.end()); });
  scorer.add(tokenizer.encode_marking_unseen(document));
  scorer.finish();
  return losses;
}

// Longer than the context of four, and with characters that the model has never seen: what `eval` says, laid open.
TEST_F(ExplainTest, AnyDocumentCostsWhatItIsScored) {
  for (const char* document : {"", "abcd", "x", "abxxcdéab", "abcdabcdabcdabcd"}) {
    const std::vector<double> losses = scored(engine_, tokenizer_, document);
    const Explanation explanation = explain(engine_, tokenizer_, document);
    ASSERT_EQ(explanation.positions.size(), losses.size()) << document;
    for (std::size_t i = 0; i < losses.size(); ++i) EXPECT_NEAR(explanation.positions[i].nats, losses[i], 1e-14) << document;
  }
}

TEST_F(ExplainTest, WhatIsUnseenIsShownAndExplained) {
  const Explanation explanation = explain(engine_, tokenizer_, "aéb", 10);
  EXPECT_EQ(explanation.unseen(), 1U);
  EXPECT_EQ(explanation.positions[1].target, kUnseen);
  EXPECT_EQ(explanation.positions[1].target_symbol, "é");
  EXPECT_EQ(explanation.positions[2].input, kUnseen);
  EXPECT_EQ(explanation.positions[2].input_symbol, "é");
  EXPECT_EQ(explanation.positions[1].alternatives.size(), 5U) << "all tokens are other ones";
  EXPECT_NE(explanation_table(explanation, tokenizer_, {}, 80).find("é ?"), std::string::npos);
  EXPECT_NE(explanation_summary(explanation).find("1 character is unseen"), std::string::npos);
  EXPECT_EQ(explanation_summary(explanation).find("window"), std::string::npos);
  EXPECT_NE(explanation_summary(explain(engine_, tokenizer_, "abcd")).find("context of 4"), std::string::npos);
}

TEST_F(ExplainTest, TheTableHasFewerOthersWhereItIsNarrow) {
  const Explanation explanation = explain(engine_, tokenizer_, "abéc");
  std::size_t narrower = 0;
  for (const std::size_t columns : {75U, 80U, 100U}) {
    const std::string table = explanation_table(explanation, tokenizer_, {}, columns);
    std::size_t widest = 0;
    for (std::size_t begin = 0, end; (end = table.find('\n', begin)) != std::string::npos; begin = end + 1)
      widest = std::max(widest, display_width(table.substr(begin, end - begin)));
    EXPECT_LT(widest, columns) << table;
    EXPECT_GT(widest, narrower) << "room is used";
    narrower = widest;
  }
}

TEST_F(ExplainTest, TableHasALineAPosition) {
  const Explanation explanation = explain(engine_, tokenizer_, "abc");
  const std::string table = explanation_table(explanation, tokenizer_, {}, 80);
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 2 + 4);
  EXPECT_EQ(table.find('\x1b'), std::string::npos) << "no colours where none are wanted";
  EXPECT_NE(explanation_table(explanation, tokenizer_, {.color = true}, 80).find('\x1b'), std::string::npos);
  EXPECT_NE(explanation_summary(explanation).find("ln 5 = 1.609"), std::string::npos);
}

}  // namespace
}  // namespace microgpt
