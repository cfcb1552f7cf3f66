// SPDX-License-Identifier: MIT
#include "inference/class_weights.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "inference/classifier.h"

namespace microgpt::class_weights_test {
namespace {

// By the numbers of mixture, GPT and n-gram.
const Evidence kEvidence{5, {{2.0, 3.0, 4.0}, {7.0, 6.0, 5.0}}};

TEST(ClassWeights, TheDefaultOnesTakeHalfOfTheMixture) {
  const ClassWeights usual = default_class_weights(2);
  EXPECT_EQ(class_scores(usual, kEvidence), (std::vector<double>{-1.0, -3.5}));
  const EvidenceClassifier classifier(usual, {0.5, 0.5});
  EXPECT_EQ(classifier.ratio(ClassMethod::all, kEvidence), classifier.ratio(ClassMethod::mixture, kEvidence) / 2.0);
  EXPECT_EQ(classifier.ratio(ClassMethod::gpt, kEvidence), 3.0);
  EXPECT_EQ(classifier.ratio(ClassMethod::ngram, kEvidence), 1.0);
}

TEST(ClassWeights, AScoreIsTheSumOfWhatCounts) {
  ClassWeights weights = default_class_weights(2);
  weights.in_all = {0.5, 0.25, 0.0};
  weights.per_position = {0.0, 0.0, 10.0};
  weights.length_weight = {0.1, -0.1};
  weights.base = {1.0, 2.0};
  const std::vector<double> scores = class_scores(weights, kEvidence);
  EXPECT_DOUBLE_EQ(scores[0], 1.0 + 0.5 - 1.0 - 0.75 - 8.0);
  EXPECT_DOUBLE_EQ(scores[1], 2.0 - 0.5 - 3.5 - 1.5 - 10.0);
}

TEST(ClassWeights, ProbabilitiesSumToOneAndKnowHowFrequentClassesAre) {
  const std::vector<double> logarithms = class_log_probabilities(std::vector{1.0, 1.0, 3.0}, std::vector{0.5, 0.25, 0.25});
  EXPECT_DOUBLE_EQ(std::exp(logarithms[0]) + std::exp(logarithms[1]) + std::exp(logarithms[2]), 1.0);
  EXPECT_DOUBLE_EQ(logarithms[0] - logarithms[1], std::log(2.0));
  EXPECT_DOUBLE_EQ(logarithms[2] - logarithms[1], 2.0);
}

TEST(ClassWeights, TheEvenThresholdIsWhereBothAreAsLikely) {
  const EvidenceClassifier classifier(default_class_weights(2), {0.2, 0.8});
  EXPECT_DOUBLE_EQ(classifier.even_threshold(ClassMethod::all), std::log(4.0));
  EXPECT_EQ(classifier.even_threshold(ClassMethod::mixture), 0.0);
  const Evidence even{1, {{0.0, 0.0, 0.0}, {2.0 * std::log(4.0), 0.0, 0.0}}};
  EXPECT_NEAR(std::exp(classifier.log_probabilities(ClassMethod::all, even)[0]), 0.5, 1e-15);
}

TEST(ClassWeights, TheLinearModelSaysWhatItSaysAndCountsAsItIsWeighed) {
  ClassWeights weights = default_class_weights(2);
  weights.linear = 2.0;
  const EvidenceClassifier classifier(weights, {0.2, 0.8});
  Evidence evidence = kEvidence;
  const double without = classifier.ratio(ClassMethod::all, evidence);
  evidence.linear = {std::log(0.75), std::log(0.25)};
  EXPECT_DOUBLE_EQ(classifier.ratio(ClassMethod::all, evidence), without + 2.0 * std::log(3.0));
  EXPECT_EQ(classifier.log_probabilities(ClassMethod::linear, evidence), evidence.linear);
  EXPECT_DOUBLE_EQ(classifier.ratio(ClassMethod::linear, evidence), std::log(12.0)) << "and not how frequent the classes are";
  EXPECT_EQ(classifier.even_threshold(ClassMethod::linear), 0.0);
}

// All but that of the linear model, which this evidence does not have.
std::vector<Named<ClassMethod>> methods_of_models() {
  std::vector<Named<ClassMethod>> methods(kClassMethodNames.begin(), kClassMethodNames.end());
  std::erase_if(methods, [](const auto& method) { return method.value == ClassMethod::linear; });
  return methods;
}

TEST(ClassWeights, WhatIsImpossibleIsOfTheOtherClass) {
  const double infinity = std::numeric_limits<double>::infinity();
  const EvidenceClassifier classifier(default_class_weights(2), {0.5, 0.5});
  const Evidence one_impossible{3, {{infinity, infinity, infinity}, {9.0, 9.0, 9.0}}};
  for (const Named<ClassMethod>& method : methods_of_models())
    EXPECT_EQ(std::exp(classifier.log_probabilities(method.value, one_impossible)[0]), 0.0) << method.name;
  const Evidence no_evidence{3, {{infinity, infinity, infinity}, {infinity, infinity, infinity}}};
  for (const Named<ClassMethod>& method : methods_of_models())
    EXPECT_NEAR(std::exp(classifier.log_probabilities(method.value, no_evidence)[0]), 0.5, 1e-6) << method.name;
}

}  // namespace
}  // namespace microgpt::class_weights_test
