#include "scoring/ngram_losses.h"

#include <gtest/gtest.h>

#include <cmath>

#include "scoring/unseen.h"
#include "support/ngram_documents.h"

namespace microgpt {
namespace {

constexpr std::size_t kVocabSize = 4;
constexpr Token kBos = 3;

NgramModel some_model() {
  return {NgramCounts(testing::ngram_documents({testing::document("abcab", kVocabSize), testing::document("ba", kVocabSize)},
                                               kVocabSize)),
          3};
}

std::vector<double> losses_of(const NgramModel& model, const std::vector<Token>& tokens) {
  std::vector<double> losses;
  append_ngram_losses(model, tokens, losses);
  return losses;
}

TEST(NgramLosses, AreTheModels) {
  const NgramModel model = some_model();
  std::vector<double> expected;
  model.append_losses(testing::document("abc", kVocabSize), expected);
  EXPECT_EQ(losses_of(model, testing::document("abc", kVocabSize)), expected);
}

TEST(NgramLosses, WhatIsUnseenCostsTheSameAsElsewhereAndIsFedOnAsBos) {
  const NgramModel model = some_model();
  std::vector<double> losses{7.0};  // appended to
  append_ngram_losses(model, std::vector<Token>{kBos, 0, kUnseen, 1, kBos}, losses);
  const std::vector<double> known = losses_of(model, {kBos, 0, kBos, 1, kBos});
  EXPECT_EQ(losses, (std::vector<double>{7.0, known[0], unseen_loss(kVocabSize), known[2], known[3]}));
}

}  // namespace
}  // namespace microgpt
