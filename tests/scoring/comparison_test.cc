// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "scoring/evaluation.h"
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
const std::vector<double> kMixed{0.5, 1.5, 0.25, 0.75};

Comparison compare(const NgramModel* ngram, bool has_mixture) {
  ComparisonTally tally(kBos, ngram);
  const auto part = [&](std::size_t first, std::size_t count, bool ends) {
    const auto of = [&](const auto& values) { return std::span(values).subspan(first, count); };
    tally.add({0, first, of(kTargets), of(kLosses), ends, has_mixture ? of(kMixed) : std::span<const double>()});
  };
  part(0, 3, false);
  part(3, 1, true);
  return tally.comparison();
}

TEST(Comparison, HasTheSamePositionsForAll) {
  const NgramModel ngram = some_model();
  const Comparison comparison = compare(&ngram, true);
  std::vector<double> ngram_losses;
  ngram.append_losses(testing::document("abc", kVocabSize), ngram_losses);
  double ngram_sum = 0.0;
  for (const double loss : ngram_losses) ngram_sum += loss;
  EXPECT_NEAR(comparison.model.loss.token_mean, 3.75 / 4, 1e-14);
  EXPECT_NEAR(comparison.ngram->loss.token_mean, ngram_sum / 4, 1e-14);
  EXPECT_NEAR(comparison.mixture->loss.token_mean, 3.0 / 4, 1e-14);
  for (const Evaluation& evaluation : {comparison.model, *comparison.ngram, *comparison.mixture}) {
    EXPECT_EQ(evaluation.documents, 1U);
    EXPECT_EQ(evaluation.positions, 4U);
    EXPECT_EQ(evaluation.characters, 3U);
  }
}

TEST(Comparison, OfWhatIsThere) {
  const NgramModel ngram = some_model();
  EXPECT_FALSE(compare(nullptr, false).ngram);
  EXPECT_FALSE(compare(nullptr, false).mixture);
  EXPECT_TRUE(compare(&ngram, false).ngram);
  EXPECT_FALSE(compare(&ngram, false).mixture);
}

}  // namespace
}  // namespace microgpt::comparison_test
