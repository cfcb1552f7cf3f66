// SPDX-License-Identifier: MIT
#include "scoring/held_out_surprise.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <span>
#include <vector>

#include "engine/engine.h"
#include "microgpt/error.h"
#include "random/python_random.h"
#include "scoring/document_scorer.h"
#include "support/models.h"

namespace microgpt::held_out_surprise_test {
namespace {

// Of these positions and this surprise.
DocumentLoss loss_of(std::size_t positions, double surprise) {
  DocumentLoss loss;
  loss.positions = positions;
  loss.cubes = std::pow(surprise, 3.0);
  return loss;
}

std::vector<DocumentLoss> some_documents(std::size_t count, std::uint64_t seed) {
  PythonRandom random(seed);
  std::vector<DocumentLoss> documents;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t positions = 1 + random.randbelow(20);
    documents.push_back(loss_of(positions, random.random() * (1.0 + 0.1 * static_cast<double>(positions))));
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

std::vector<HeldOutSurprise::Document> documents_of_length(std::size_t positions, const std::vector<double>& surprises) {
  std::vector<HeldOutSurprise::Document> documents;
  for (const double surprise : surprises) documents.push_back({positions, surprise});
  return documents;
}

TEST(HeldOutSurprise, APValueIsTheShareOfThoseThatAreAtLeastAsOdd) {
  const HeldOutSurprise surprise(documents_of_length(4, {1.0, 2.0, 3.0, 4.0, 5.0}));
  EXPECT_NEAR(surprise.oddness(loss_of(4, 3.0 + std::sqrt(2.0))), 1.0, 1e-12) << "above the mean, in standard deviations";
  EXPECT_DOUBLE_EQ(surprise.p_value(loss_of(4, 9.0)), 1.0 / 6.0);
  EXPECT_DOUBLE_EQ(surprise.p_value(loss_of(4, 3.5)), 3.0 / 6.0);
  EXPECT_GE(surprise.p_value(loss_of(4, 0.1)), 5.0 / 6.0);
  EXPECT_DOUBLE_EQ(surprise.least_p_value(), 1.0 / 6.0);
  const HeldOutSurprise alike(documents_of_length(4, {2.0, 2.0, 2.0}));
  EXPECT_DOUBLE_EQ(alike.p_value(loss_of(4, 1.0)), 1.0);
  EXPECT_DOUBLE_EQ(HeldOutSurprise(documents_of_length(4, {1.0})).p_value(loss_of(4, 9.0)), 0.5);
}

// Of which those of length 5 are all alike.
TEST(HeldOutSurprise, DocumentsOfLikeLengthAreComparedWith) {
  std::vector<HeldOutSurprise::Document> documents;
  PythonRandom random(1);
  for (const std::size_t positions : {3U, 5U, 6U, 20U})
    for (std::size_t i = 0; i < HeldOutSurprise::kLikeDocuments + 1; ++i)
      documents.push_back({positions, positions == 5 ? 10.0 + 0.1 * random.random() : 10.0 * random.random()});
  const HeldOutSurprise surprise(std::move(documents));
  EXPECT_GT(surprise.oddness(loss_of(5, 11.0)), 10.0);
  EXPECT_LT(surprise.oddness(loss_of(3, 11.0)), 3.0);
  EXPECT_LT(surprise.oddness(loss_of(20, 11.0)), 3.0);
  EXPECT_LT(surprise.oddness(loss_of(4, 11.0)), 3.0) << "one longer or shorter";
  EXPECT_DOUBLE_EQ(surprise.p_value(loss_of(5, 11.0)), 1.0 / 405.0);
}

// Longer ones are as odd as the nearest ones would be at their length.
TEST(HeldOutSurprise, WhatGrowsWithTheLengthIsNotOdd) {
  std::vector<HeldOutSurprise::Document> documents;
  PythonRandom random(1);
  for (std::size_t i = 0; i < 60; ++i)
    documents.push_back({1 + i, 4.0 * std::cbrt(1.0 + static_cast<double>(i)) + 0.2 * random.random()});
  const HeldOutSurprise surprise(std::move(documents));
  for (const std::size_t positions : {1U, 30U, 60U, 300U})
    EXPECT_LT(std::abs(surprise.oddness(loss_of(positions, 4.0 * std::cbrt(static_cast<double>(positions)) + 0.1))), 1.5);
}

TEST(HeldOutSurprise, DocumentsThatAreAllAlikeAreNotOdd) {
  for (std::size_t n = 1; n < 200; n += 7) {
    std::vector<HeldOutSurprise::Document> documents(n, {12, 17.3});
    for (std::size_t i = 0; i < n / 3; ++i) documents[i] = {5, 9.1};
    const HeldOutSurprise surprise(documents);
    EXPECT_GT(surprise.p_value(loss_of(12, 17.3)), 0.5) << n;
    EXPECT_EQ(surprise.p_value(loss_of(12, 18.3)), 1.0 / (1.0 + static_cast<double>(n))) << n;
  }
}

// Of those that are asked for themselves each is compared with the others, also where it is the farthest by length.
TEST(HeldOutSurprise, TheDocumentsThemselvesAreComparedWithTheOthers) {
  std::vector<DocumentLoss> documents = some_documents(300, 1);
  documents.push_back(loss_of(200, 60.0));
  documents.push_back(loss_of(8, 30.0));
  const HeldOutSurprise surprise(documents, HeldOutSurprise::Asked::these);
  EXPECT_DOUBLE_EQ(surprise.least_p_value(), 1.0 / 302.0);
  EXPECT_GT(surprise.oddness(documents[300]), 10.0);
  EXPECT_LE(surprise.p_value(documents[300]), 2.0 / 302.0);
  EXPECT_LE(surprise.p_value(documents[301]), 2.0 / 302.0);
  std::size_t few = 0;
  for (const DocumentLoss& document : documents) few += surprise.p_value(document) <= 0.1 ? 1 : 0;
  EXPECT_EQ(few, 30U) << "each p-value comes once";
  documents.assign(3 * HeldOutSurprise::kMaxDocuments, loss_of(3, 1.0));
  EXPECT_EQ(HeldOutSurprise(documents, HeldOutSurprise::Asked::these).documents().size(), documents.size());
}

// At most a share of a has a p-value of a or less, and, as there are no ties here, hardly less than that.
TEST(HeldOutSurprise, PValuesOfLikeDocumentsAreUniform) {
  const HeldOutSurprise surprise(some_documents(4000, 1));
  const std::vector<DocumentLoss> others = some_documents(4000, 2);
  for (const double share : {0.02, 0.1, 0.5, 0.9}) {
    std::size_t count = 0;
    for (const DocumentLoss& other : others) count += surprise.p_value(other) <= share ? 1 : 0;
    EXPECT_NEAR(static_cast<double>(count) / 4000.0, share, 0.03);
  }
}

TEST(HeldOutSurprise, ManyDocumentsAreThinnedEvenly) {
  std::vector<DocumentLoss> documents;
  for (std::size_t i = 0; i < 3 * HeldOutSurprise::kMaxDocuments; ++i) documents.push_back(loss_of(1, static_cast<double>(i)));
  const HeldOutSurprise surprise(documents);
  ASSERT_EQ(surprise.documents().size(), HeldOutSurprise::kMaxDocuments);
  EXPECT_DOUBLE_EQ(surprise.documents()[1].surprise, 3.0);
}

TEST(HeldOutSurprise, IsReadAsItWasWritten) {
  const HeldOutSurprise surprise(some_documents(300, 1));
  const std::string text = held_out_to_json(surprise);
  EXPECT_EQ(held_out_to_json(held_out_from_json("file", text)), text);
  for (const char* damaged : {"", "{}", R"({"format":"microgpt held-out surprise","version":2,"positions":[1],"surprise":[1]})",
                              R"({"format":"microgpt held-out surprise","version":1,"positions":[],"surprise":[]})",
                              R"({"format":"microgpt held-out surprise","version":1,"positions":[1],"surprise":[1,2]})",
                              R"({"format":"microgpt held-out surprise","version":1,"positions":[-1],"surprise":[1]})",
                              R"({"format":"microgpt held-out surprise","version":1,"positions":[1],"surprise":["x"]})",
                              R"({"format":"microgpt held-out surprise","version":1,"positions":1,"surprise":[1]})"})
    EXPECT_THROW(held_out_from_json("file", damaged), Error) << damaged;
  for (const char* numbers : {R"("positions":[18446744073709551615],"surprise":[1.5])", R"("positions":[0],"surprise":[1.5])",
                              R"("positions":[5],"surprise":[1e308])", R"("positions":[5],"surprise":[-1])"})
    EXPECT_THROW(
        held_out_from_json("file", fmt::format(R"({{"format":"microgpt held-out surprise","version":1,{}}})", numbers)), Error);
}

}  // namespace
}  // namespace microgpt::held_out_surprise_test
