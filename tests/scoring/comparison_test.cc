// SPDX-License-Identifier: MIT
#include "scoring/comparison.h"

#include <gtest/gtest.h>

#include <cmath>

#include "scoring/mixture.h"
#include "support/ngram_documents.h"

namespace microgpt::comparison_test {
namespace {

constexpr std::size_t kVocabSize = 4;
constexpr Token kBos = 3;

NgramModel some_model() {
  return {NgramCounts(testing::ngram_documents({testing::document("abcab", kVocabSize)}, kVocabSize)), 2};
}

const std::vector<Token> kTargets{0, 1, 2, kBos};
const std::vector<double> kLosses{1.0, 2.0, 0.5, 0.25};

Comparison compare(const Baseline& baseline) {
  ComparisonTally tally(kBos, baseline);
  tally.add({0, 0, std::span(kTargets).first(3), std::span(kLosses).first(3), false});
  tally.add({0, 3, std::span(kTargets).subspan(3), std::span(kLosses).subspan(3), true});
  return tally.comparison();
}

TEST(Comparison, HasTheSamePositionsForAll) {
  const NgramModel ngram = some_model();
  const Comparison comparison = compare({&ngram, 0.25});
  std::vector<double> of_ngram;
  ngram.append_losses(testing::document("abc", kVocabSize), of_ngram);
  double ngram_sum = 0.0;
  double mixed_sum = 0.0;
  for (std::size_t i = 0; i < 4; ++i) {
    ngram_sum += of_ngram[i];
    mixed_sum += -std::log(0.25 * std::exp(-of_ngram[i]) + 0.75 * std::exp(-kLosses[i]));
  }
  EXPECT_NEAR(comparison.model.loss.token_mean, 3.75 / 4, 1e-14);
  EXPECT_NEAR(comparison.ngram->loss.token_mean, ngram_sum / 4, 1e-14);
  EXPECT_NEAR(comparison.mixture->loss.token_mean, mixed_sum / 4, 1e-14);
  for (const Evaluation& evaluation : {comparison.model, *comparison.ngram, *comparison.mixture}) {
    EXPECT_EQ(evaluation.documents, 1U);
    EXPECT_EQ(evaluation.positions, 4U);
    EXPECT_EQ(evaluation.characters, 3U);
  }
}

TEST(Comparison, OfWhatIsThere) {
  const NgramModel ngram = some_model();
  EXPECT_FALSE(compare({}).ngram);
  EXPECT_FALSE(compare({}).mixture);
  EXPECT_TRUE(compare({&ngram, std::nullopt}).ngram);
  EXPECT_FALSE(compare({&ngram, std::nullopt}).mixture);
}

TEST(Comparison, AMixtureOfOneIsThatOne) {
  const NgramModel ngram = some_model();
  const Comparison all = compare({&ngram, 1.0});
  EXPECT_EQ(all.mixture->loss.token_mean, all.ngram->loss.token_mean);
  const Comparison none = compare({&ngram, 0.0});
  EXPECT_EQ(none.mixture->loss.token_mean, none.model.loss.token_mean);
}

}  // namespace
}  // namespace microgpt::comparison_test
