// SPDX-License-Identifier: MIT
#include "scoring/evaluation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace microgpt::evaluation_test {
namespace {

constexpr Token kBos = 3;

void add(Tally& tally, const std::vector<Token>& targets, const std::vector<double>& losses) {
  tally.add({0, 0, targets, losses, targets.back() == kBos});
}

TEST(PeakFinder, FindsTheMostSurprisingRun) {
  const auto peak_of = [](std::size_t window, const std::vector<double>& losses) {
    PeakFinder finder(window);
    for (const double loss : {9.0, 9.0, 9.0, 9.0}) finder.add(loss);
    finder.take();  // another document before
    for (const double loss : losses) finder.add(loss);
    const Peak peak = finder.take();
    return std::pair(peak.position, peak.nats);
  };
  using Found = std::pair<std::size_t, double>;
  EXPECT_EQ(peak_of(1, {1.0, 5.0, 2.0, 5.0}), Found(1, 5.0)) << "the first of equal ones";
  EXPECT_EQ(peak_of(2, {1.0, 5.0, 2.0, 3.0, 4.5}), Found(3, 7.5));
  EXPECT_EQ(peak_of(3, {4.0, 5.0, 2.0, 3.0, 4.5}), Found(0, 11.0));
  EXPECT_EQ(peak_of(9, {4.0, 5.0, 2.0}), Found(0, 11.0)) << "shorter than the window";
}

TEST(DocumentLoss, ExcessIsInDeviationsOfWhatWasExpected) {
  const std::vector<Token> targets{0, 1};
  const std::vector<double> losses{3.0, 4.0};
  const std::vector<ExpectedLoss> expected{{1.0, 1.5}, {2.0, 1.5}};
  DocumentLoss loss;
  loss.add({0, 0, targets, losses, true, {}, expected}, 4);
  EXPECT_DOUBLE_EQ(loss.excess(), (7.0 - 3.0) / 2.0) << "a variance of 1 is added";
}

TEST(DocumentLoss, SurpriseIsTheCubeRootOfTheSumOfTheCubes) {
  const std::vector<Token> targets{0, 1};
  DocumentLoss loss;
  loss.add({0, 0, targets, std::vector<double>{3.0, 4.0}, false}, 4);
  loss.add({0, 2, targets, std::vector<double>{5.0, 0.0}, true}, 4);
  EXPECT_DOUBLE_EQ(loss.surprise(), 6.0);
}

TEST(Tally, TheTwoMeansAreWhatTheyAreCalled) {
  Tally tally(kBos);
  add(tally, {0, kBos}, {1.0, 2.0});
  add(tally, {1, 1, 2, kBos}, {3.0, 4.0, 5.0, 6.0});
  const Evaluation evaluation = tally.evaluation();
  EXPECT_DOUBLE_EQ(evaluation.loss.document_mean, (1.5 + 4.5) / 2);
  EXPECT_DOUBLE_EQ(evaluation.loss.token_mean, 21.0 / 6);
  EXPECT_EQ(evaluation.documents, 2U);
  EXPECT_EQ(evaluation.positions, 6U);
  EXPECT_EQ(evaluation.characters, 4U);
  EXPECT_EQ(evaluation.unseen, 0U);
  EXPECT_DOUBLE_EQ(evaluation.bits_per_character(), 21.0 / std::log(2.0) / 4) << "all bits, those of the end too";
  EXPECT_DOUBLE_EQ(evaluation.perplexity(), std::exp(3.5));
}

TEST(Tally, PartsOfADocumentAreOneDocument) {
  Tally whole(kBos);
  add(whole, {0, 1, kUnseen, 2, kBos}, {0.1, 0.2, 0.3, 0.4, 0.7});
  Tally parts(kBos);
  add(parts, {0}, {0.1});
  add(parts, {1, kUnseen, 2}, {0.2, 0.3, 0.4});
  add(parts, {kBos}, {0.7});
  EXPECT_EQ(parts.evaluation().loss.document_mean, whole.evaluation().loss.document_mean) << "to the last bit";
  EXPECT_EQ(parts.evaluation().loss.token_mean, whole.evaluation().loss.token_mean);
  EXPECT_EQ(parts.evaluation().documents, 1U);
  EXPECT_EQ(parts.evaluation().characters, 4U);
  EXPECT_EQ(parts.evaluation().unseen, 1U);
}

TEST(Tally, AnImpossibleTokenCostsInfinitelyMuch) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Tally tally(kBos);
  add(tally, {0, kBos}, {kInfinity, 1.0});
  add(tally, {1, kBos}, {1.0, 1.0});
  EXPECT_EQ(tally.evaluation().loss.document_mean, kInfinity);
  EXPECT_EQ(tally.evaluation().loss.token_mean, kInfinity);
  EXPECT_EQ(tally.evaluation().perplexity(), kInfinity);
}

}  // namespace
}  // namespace microgpt::evaluation_test
