// SPDX-License-Identifier: MIT
#include "scoring/held_out_excess.h"

#include <gtest/gtest.h>

#include <cmath>
#include <span>
#include <vector>

#include "engine/engine.h"
#include "microgpt/error.h"
#include "random/python_random.h"
#include "scoring/document_scorer.h"
#include "support/models.h"

namespace microgpt::held_out_excess_test {
namespace {

// Of these positions and this excess.
DocumentLoss loss_of(std::size_t positions, double excess) {
  DocumentLoss loss;
  loss.positions = positions;
  loss.nats = excess;  // nothing was expected, with no variance but the one that is added
  return loss;
}

std::vector<DocumentLoss> some_documents(std::size_t count, std::uint64_t seed) {
  PythonRandom random(seed);
  std::vector<DocumentLoss> documents;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t positions = 1 + random.randbelow(20);
    documents.push_back(loss_of(positions, random.gauss(0.0, 1.0 + 0.1 * static_cast<double>(positions))));
  }
  return documents;
}

// BOS, tokens as the engine draws them, and BOS.
std::vector<Token> draw_document(Engine& engine, PythonRandom& random) {
  const auto bos = static_cast<Token>(engine.config().vocab_size - 1);
  const auto stream = engine.open_stream();
  std::vector<Token> tokens{bos};
  do {
    const std::span<const double> logits = stream->feed(tokens.back());
    double sum = 0.0;
    for (const double logit : logits) sum += std::exp(logit);
    double left = random.random() * sum;
    Token token = -1;
    while (left >= 0.0 && token < bos) left -= std::exp(logits[static_cast<std::size_t>(++token)]);
    tokens.push_back(token);
  } while (tokens.back() != bos && tokens.size() < engine.config().block_size);
  return tokens;
}

// What the loss of a step is above its expectation is a martingale: its sum is 0 in the mean, wherever a document ends, and its
// variance is the sum of the steps' variances.
TEST(ExpectedLoss, IsWhatDocumentsOfTheModelCostInTheMean) {
  const Config config{.vocab_size = 5, .n_embd = 8, .n_head = 2, .block_size = 60};
  const auto engine = make_fast_engine(config);
  engine->load(testing::random_parameters(config, 1, 0.2));
  double excess = 0.0, square = 0.0, variance = 0.0;
  const auto take = [&](const ScoredPart& part) {
    DocumentLoss loss;
    loss.add(part, 4);
    excess += loss.nats - loss.expected.mean;
    square += std::pow(loss.nats - loss.expected.mean, 2.0);
    variance += loss.expected.variance;
  };
  DocumentScorer scorer(*engine, take, nullptr, DocumentScorer::kBatchPositions, true);
  PythonRandom random(3);
  for (int d = 0; d < 2000; ++d) scorer.add(draw_document(*engine, random));
  scorer.finish();
  EXPECT_LT(std::abs(excess), 4.0 * std::sqrt(variance));
  EXPECT_NEAR(square / variance, 1.0, 0.15);
  EXPECT_GT(variance, 100.0);
}

TEST(HeldOutExcess, AGroupHasDocumentsOfLikeLengthAndEnoughOfThem) {
  const HeldOutExcess excess(some_documents(1000, 1));
  std::size_t documents = 0, before = 0;
  EXPECT_GE(excess.groups().size(), 5U);
  for (const HeldOutExcess::Group& group : excess.groups()) {
    EXPECT_GE(group.excess.size(), HeldOutExcess::kGroupSize);
    EXPECT_GT(group.longest, before);
    before = group.longest;
    documents += group.excess.size();
  }
  EXPECT_EQ(documents, 1000U);
  EXPECT_EQ(HeldOutExcess(some_documents(30, 1)).groups().size(), 1U);
}

TEST(HeldOutExcess, APValueIsTheShareOfThoseThatAreAtLeastAsOdd) {
  const HeldOutExcess excess(std::vector<HeldOutExcess::Group>{{4, {0.0, 1.0, 1.0}}, {9, {5.0}}});
  EXPECT_DOUBLE_EQ(excess.p_value(loss_of(4, 2.0)), 1.0 / 4.0);
  EXPECT_DOUBLE_EQ(excess.p_value(loss_of(1, 1.0)), 3.0 / 4.0) << "ties count";
  EXPECT_DOUBLE_EQ(excess.p_value(loss_of(4, -1.0)), 1.0);
  EXPECT_DOUBLE_EQ(excess.p_value(loss_of(5, 4.0)), 1.0) << "the group of its length";
  EXPECT_DOUBLE_EQ(excess.p_value(loss_of(99, 6.0)), 0.5) << "longer than all";
  EXPECT_GT(excess.rank(loss_of(4, 2.0)), excess.rank(loss_of(4, 0.5)));
  EXPECT_GT(excess.rank(loss_of(4, 3.0)), excess.rank(loss_of(4, 2.0))) << "equal p-values";
}

// At most a share of a has a p-value of a or less, and, as there are no ties here, hardly less than that.
TEST(HeldOutExcess, PValuesOfLikeDocumentsAreUniform) {
  const HeldOutExcess excess(some_documents(4000, 1));
  const std::vector<DocumentLoss> others = some_documents(4000, 2);
  for (const double share : {0.02, 0.1, 0.5, 0.9}) {
    std::size_t count = 0;
    for (const DocumentLoss& other : others) count += excess.p_value(other) <= share ? 1 : 0;
    EXPECT_NEAR(static_cast<double>(count) / 4000.0, share, 0.03);
  }
}

TEST(HeldOutExcess, ManyDocumentsAreThinnedEvenly) {
  std::vector<DocumentLoss> documents;
  for (std::size_t i = 0; i < 3 * HeldOutExcess::kMaxDocuments; ++i) documents.push_back(loss_of(1, static_cast<double>(i)));
  const HeldOutExcess excess(documents);
  ASSERT_EQ(excess.groups().front().excess.size(), HeldOutExcess::kMaxDocuments);
  EXPECT_EQ(excess.groups().front().excess[1], 3.0);
}

TEST(HeldOutExcess, IsReadAsItWasWritten) {
  const HeldOutExcess excess(some_documents(300, 1));
  const std::string text = held_out_to_json(excess);
  EXPECT_EQ(held_out_to_json(held_out_from_json("file", text)), text);
  for (
      const char* damaged :
      {"", "{}", R"({"format":"microgpt held-out excess","version":2,"groups":[{"longest":1,"excess":[1]}]})",
       R"({"format":"microgpt held-out excess","version":1,"groups":[]})",
       R"({"format":"microgpt held-out excess","version":1,"groups":[{"longest":1,"excess":[]}]})",
       R"({"format":"microgpt held-out excess","version":1,"groups":[{"longest":1,"excess":[2,1]}]})",
       R"({"format":"microgpt held-out excess","version":1,"groups":[{"longest":1,"excess":["x"]}]})",
       R"({"format":"microgpt held-out excess","version":1,"groups":[{"longest":1,"excess":[1]},{"longest":1,"excess":[1]}]})"})
    EXPECT_THROW(held_out_from_json("file", damaged), Error) << damaged;
}

}  // namespace
}  // namespace microgpt::held_out_excess_test
