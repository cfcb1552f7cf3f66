// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <vector>

#include "scoring/ngram_scorer.h"
#include "scoring/token_scorer.h"
#include "support/ngram_documents.h"

namespace microgpt::ngram_losses_test {
namespace {

constexpr std::size_t kVocabSize = 4;
constexpr Token kBos = 3;

NgramModel some_model() {
  return {NgramCounts(testing::ngram_documents({testing::document("abcab", kVocabSize), testing::document("ba", kVocabSize)},
                                               kVocabSize)),
          3};
}

// Of a document that comes in parts of so many positions.
std::vector<double> losses_of(NgramLosses& ngram, const std::vector<Token>& tokens, std::size_t at_a_time) {
  std::vector<double> losses;
  const auto targets = std::span(tokens).subspan(1);
  for (std::size_t first = 0; first < targets.size(); first += at_a_time) {
    const auto part = targets.subspan(first, std::min(at_a_time, targets.size() - first));
    const auto part_losses = ngram.of({0, first, part, {}, first + part.size() == targets.size()});
    losses.insert(losses.end(), part_losses.begin(), part_losses.end());
  }
  return losses;
}

TEST(NgramLosses, AreTheModelsHoweverTheDocumentComes) {
  const NgramModel model = some_model();
  NgramLosses ngram(model);
  std::vector<double> expected;
  model.append_losses(testing::document("abcab", kVocabSize), expected);
  for (const std::size_t at_a_time : {1U, 2U, 3U, 9U})
    EXPECT_EQ(losses_of(ngram, testing::document("abcab", kVocabSize), at_a_time), expected) << at_a_time;
}

TEST(NgramLosses, WhatIsUnseenCostsTheSameAsElsewhereAndIsFedOnAsBos) {
  const NgramModel model = some_model();
  NgramLosses ngram(model);
  const std::vector<double> known = losses_of(ngram, {kBos, 0, kBos, 1, kBos}, 4);
  EXPECT_EQ(losses_of(ngram, {kBos, 0, kUnseen, 1, kBos}, 4),
            (std::vector<double>{known[0], unseen_loss(kVocabSize), known[2], known[3]}));
}

}  // namespace
}  // namespace microgpt::ngram_losses_test
