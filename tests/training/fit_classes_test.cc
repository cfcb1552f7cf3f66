// SPDX-License-Identifier: MIT
#include "training/fit_classes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "inference/class_figures.h"
#include "random/python_random.h"

namespace microgpt::fit_classes_test {
namespace {

constexpr auto kMixture = static_cast<std::size_t>(PredictorKind::mixture);
constexpr auto kGpt = static_cast<std::size_t>(PredictorKind::gpt);
constexpr auto kNgram = static_cast<std::size_t>(PredictorKind::ngram);

// Documents of two classes by a GPT that says twice as much as is true, an n-gram that says nothing and a mixture of chance.
EvidenceByClass boasting(std::size_t count, std::uint64_t seed) {
  PythonRandom random(seed);
  EvidenceByClass documents(2);
  for (std::size_t i = 0; i < count; ++i) {
    const double truth = random.gauss(0.0, 2.0);  // the true log odds
    const std::size_t its_class = random.random() < 1.0 / (1.0 + std::exp(-truth)) ? 0 : 1;
    Evidence evidence{10, {{}, {}}};
    evidence.nats[0][kGpt] = 20.0 - truth;
    evidence.nats[1][kGpt] = 20.0 + truth;
    evidence.nats[0][kNgram] = evidence.nats[1][kNgram] = 25.0;
    evidence.nats[0][kMixture] = 20.0 + random.gauss(0.0, 1.0);
    evidence.nats[1][kMixture] = 20.0;
    documents[its_class].push_back(evidence);
  }
  return documents;
}

TEST(FitClasses, GivesEachPredictorWhatItDeserves) {
  const EvidenceByClass documents = boasting(4000, 1);
  const std::vector<double> shares{0.5, 0.5};
  const ClassWeights weights = fit_class_weights(documents, shares);
  const double gpt = weights.in_all[kGpt] + weights.per_position[kGpt] / 10.0;
  const double mixture = weights.in_all[kMixture] + weights.per_position[kMixture] / 10.0;
  EXPECT_NEAR(gpt, 0.5, 0.05);
  EXPECT_NEAR(mixture, 0.0, 0.05);
  CalibrationTally tally;
  const EvidenceByClass others = boasting(4000, 2);
  for (std::size_t c = 0; c < 2; ++c)
    for (const Evidence& evidence : others[c])
      tally.add(std::exp(class_log_probabilities(class_scores(weights, evidence), shares)[0]), c == 0);
  EXPECT_LT(tally.error(), 0.025);
}

TEST(FitClasses, NoPredictorCountsForWhatItHoldsToBeLessLikely) {
  EvidenceByClass documents = boasting(500, 3);
  std::swap(documents[0], documents[1]);  // so that the GPT is always wrong
  for (const double weight : fit_class_weights(documents, std::vector{0.5, 0.5}).in_all) EXPECT_GE(weight, 0.0);
  EXPECT_EQ(fit_class_weights(documents, std::vector{0.5, 0.5}).in_all[kGpt], 0.0);
}

TEST(FitClasses, WeighTheLinearModelAsTheyDoPredictors) {
  EvidenceByClass documents = boasting(4000, 4);
  for (std::vector<Evidence>& of_class : documents)
    for (Evidence& evidence : of_class) {
      const double ratio = evidence.nats[1][kGpt] - evidence.nats[0][kGpt];  // twice the true log odds
      evidence.linear = {-std::log1p(std::exp(-ratio)), -std::log1p(std::exp(ratio))};
      for (auto& nats : evidence.nats) nats = {25.0, 25.0, 25.0};
    }
  const std::vector<double> shares{0.5, 0.5};
  EXPECT_NEAR(fit_class_weights(documents, shares).linear, 0.5, 0.05);
  std::swap(documents[0], documents[1]);
  EXPECT_EQ(fit_class_weights(documents, shares).linear, 0.0) << "what is always wrong counts for nothing";
}

TEST(FitClasses, WithoutDocumentsTheWeightsAreTheDefaultOnes) {
  const ClassWeights weights = fit_class_weights(EvidenceByClass(3), std::vector{0.2, 0.3, 0.5});
  EXPECT_EQ(weights.in_all, default_class_weights(3).in_all);
  EXPECT_EQ(weights.base, default_class_weights(3).base);
}

TEST(FitClasses, FewDocumentsMoveThemALittle) {
  const EvidenceByClass one{{Evidence{10, {{5.0, 5.0, 5.0}, {30.0, 30.0, 30.0}}}}, {}};
  const ClassWeights weights = fit_class_weights(one, std::vector{0.5, 0.5});
  EXPECT_NEAR(weights.in_all[kMixture], 0.5, 0.1);
  EXPECT_NEAR(weights.base[0], 0.0, 0.1);
}

// Lengths and bases are of each class; more classes than two share the rest.
TEST(FitClasses, KnowsThatAClassIsOfLongDocuments) {
  PythonRandom random(5);
  EvidenceByClass documents(3);
  for (std::size_t i = 0; i < 600; ++i) {
    const std::size_t c = i % 3;
    const auto positions = static_cast<std::size_t>(c == 2 ? 20 + random.randbelow(10) : 5 + random.randbelow(10));
    documents[c].push_back({positions, std::vector<std::array<double, kPredictors>>(3, {9.0, 9.0, 9.0})});
  }
  const std::vector<double> shares(3, 1.0 / 3);
  const ClassWeights weights = fit_class_weights(documents, shares);
  const Evidence is_long{25, std::vector<std::array<double, kPredictors>>(3, {9.0, 9.0, 9.0})};
  EXPECT_GT(std::exp(class_log_probabilities(class_scores(weights, is_long), shares)[2]), 0.9);
}

}  // namespace
}  // namespace microgpt::fit_classes_test
