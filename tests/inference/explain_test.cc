// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "engine/graph/attention_weights.h"
#include "engine/graph/graph_engine.h"
#include "inference/explain_document.h"
#include "microgpt/error.h"
#include "microgpt/parameters.h"
#include "report/explanation/explanation_table.h"
#include "report/text_table.h"
#include "scoring/document_scorer.h"
#include "support/models.h"

namespace microgpt::explain_test {
namespace {

class ExplainTest : public ::testing::Test {
 protected:
  ExplainTest() { engine_.load(testing::random_parameters(engine_.config(), 1)); }

  const Tokenizer tokenizer_{Corpus::from_lines("test", "abcd")};
  graph::GraphEngine engine_{Config{.vocab_size = 5, .n_embd = 4, .n_head = 2, .block_size = 4}};
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

// lm_head is what logits are made with: its gradient in the graph is that of the logit times one and the same vector.
TEST_F(ExplainTest, TheGradientAtTheLogitsIsThatOfTheGraph) {
  Batch batch;
  batch.append(tokenizer_.encode(""), 4);
  engine_.loss_and_gradient(batch);
  const ParameterTable table(engine_.config());
  std::vector<double> gradient(table.parameter_count());
  engine_.store_gradient(gradient);
  const Tensor& lm_head = table.find("lm_head");
  const auto of = [&](Token token, std::size_t i) {
    return gradient[lm_head.offset + static_cast<std::size_t>(token) * lm_head.columns + i];
  };
  const PositionLoss p = explain(engine_, tokenizer_, "", 10).positions.front();
  for (const Candidate& other : p.alternatives)
    for (std::size_t i = 0; i < lm_head.columns; ++i)
      EXPECT_NEAR(of(other.token, i) * (p.probability - 1.0), of(p.target, i) * other.probability, 1e-14);
  EXPECT_GT(std::abs(of(p.target, 0)), 1e-3);
}

// A window of four that moves on by two: each position has the attention of the window in which it is predicted.
TEST_F(ExplainTest, AttentionIsOfTheWindow) {
  Explanation explanation = explain(engine_, tokenizer_, "abcdéa");
  explain_attention(engine_, tokenizer_, "abcdéa", explanation);
  EXPECT_EQ(explanation.heads, (std::vector<std::size_t>{0, 1}));
  const std::vector<std::size_t> begins{0, 0, 0, 0, 2, 2, 4};
  std::vector<double> parameters(ParameterTable(engine_.config()).parameter_count());
  engine_.store(parameters);
  const Token bos = tokenizer_.bos();
  const graph::AttentionWeights last = graph::AttentionPass(engine_.config(), parameters).run(std::vector<Token>{3, bos, 0});
  for (std::size_t i = 0; i < begins.size(); ++i) {
    const PositionLoss& p = explanation.positions[i];
    EXPECT_EQ(p.attention_begin, begins[i]);
    ASSERT_EQ(p.attention.size(), 2U);
    EXPECT_EQ(p.attention[1].size(), i + 1 - begins[i]);
  }
  EXPECT_EQ(explanation.positions[6].attention[1], last[1][2]) << "what is unseen is read as BOS";
  Explanation one = explain(engine_, tokenizer_, "abcdéa");
  explain_attention(engine_, tokenizer_, "abcdéa", one, 1);
  EXPECT_EQ(one.heads, std::vector<std::size_t>{1});
  EXPECT_EQ(one.positions[3].attention, std::vector<std::vector<double>>{explanation.positions[3].attention[1]});
}

TEST_F(ExplainTest, AttentionOfEarlierLayersIsOfTheSameWindows) {
  graph::GraphEngine engine(
      Config{.vocab_size = tokenizer_.vocab_size(), .n_layer = 3, .n_embd = 4, .n_head = 2, .block_size = 4});
  engine.load(testing::random_parameters(engine.config(), 1));
  Explanation explanation = explain(engine, tokenizer_, "abcdéa"), last = explanation;
  EarlierAttention earlier;
  explain_attention(engine, tokenizer_, "abcdéa", explanation, 1, &earlier);
  explain_attention(engine, tokenizer_, "abcdéa", last, 1);
  ASSERT_EQ(earlier.size(), 2U);
  std::vector<double> parameters(ParameterTable(engine.config()).parameter_count());
  engine.store(parameters);
  const auto layers = graph::AttentionPass(engine.config(), parameters).run_from(0, std::vector<Token>{3, tokenizer_.bos(), 0});
  for (std::size_t i = 0; i < explanation.positions.size(); ++i) {
    EXPECT_EQ(explanation.positions[i].attention, last.positions[i].attention) << i;
    for (std::size_t layer = 0; layer < 2; ++layer) {
      ASSERT_EQ(earlier[layer][i].size(), 1U) << "the head that was asked for";
      EXPECT_EQ(earlier[layer][i][0].size(), i + 1 - explanation.positions[i].attention_begin);
    }
  }
  for (std::size_t layer = 0; layer < 2; ++layer) EXPECT_EQ(earlier[layer][6][0], layers[layer][1][2]);
}

TEST_F(ExplainTest, AttentionHasItsLimit) {
  const auto engine = make_fast_engine({.vocab_size = 2, .n_embd = 16, .n_head = 16, .block_size = 4096});
  Explanation explanation{2, 4096, std::vector<PositionLoss>(4096)};
  try {
    explain_attention(*engine, tokenizer_, "", explanation);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "the attention of 4096 positions with n_head 16 and block_size 4096 has more than 67108864 weights; explain a "
                 "shorter text");
  }
  const auto deep = make_fast_engine({.vocab_size = 2, .n_layer = 16, .n_embd = 16, .n_head = 1, .block_size = 4096});
  EarlierAttention earlier;
  try {
    explain_attention(*deep, tokenizer_, "", explanation, {}, &earlier);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(
        error.what(),
        "the attention of 4096 positions with n_head 1 and block_size 4096 in 16 layers has more than 67108864 weights; "
        "explain a shorter text");
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
    EXPECT_GT(widest, narrower) << "space is used";
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
}  // namespace microgpt::explain_test
