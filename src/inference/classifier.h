// SPDX-License-Identifier: MIT
// What is said of a document whose evidence is known: by all predictors of the models, weighed, or by one of them.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inference/class_figures.h"
#include "inference/class_weights.h"
#include "scoring/line_scorer.h"
#include "text/names.h"

namespace microgpt {

enum class ClassMethod {
  all,
  mixture,
  gpt,
  ngram,
  linear,
};

inline constexpr std::array<Named<ClassMethod>, 5> kClassMethodNames{{
    {ClassMethod::all, "all"},
    {ClassMethod::mixture, "mixture"},
    {ClassMethod::gpt, "gpt"},
    {ClassMethod::ngram, "ngram"},
    {ClassMethod::linear, "linear"},
}};

std::string_view name_of(ClassMethod method);

// Does not change after it is made.
class EvidenceClassifier {
 public:
  // `shares` are of the classes among all documents. REQUIRES: as many as the weights are of, and above 0.
  EvidenceClassifier(ClassWeights weights, std::vector<double> shares);

  std::size_t classes() const { return shares_.size(); }

  // [classes]. Of one predictor as if what it says were true. The linear model's know how frequent the classes are where it was
  // fitted, which `shares` nearly are. REQUIRES: by the linear model, it is in the evidence.
  std::vector<double> log_probabilities(ClassMethod method, const Evidence& evidence) const;

  // The log-likelihood ratio of the first of two classes and the second (calibration.h), by how likely the document is in each,
  // and not by how frequent they are. By all it is calibrated, where the weights are fitted. REQUIRES: two classes.
  double ratio(ClassMethod method, const Evidence& evidence) const;

  // The ratio above which a document is more likely of the first of two classes than of the second: by all as the shares have
  // it, and by one predictor 0. REQUIRES: two classes.
  double even_threshold(ClassMethod method) const;

 private:
  ClassWeights weights_;
  std::vector<double> shares_;
};

// What several methods make of the same documents, whose classes are known.

// A method, and what to call it in tables: "all", "GPTs", "5-grams".
struct ComparedMethod {
  ClassMethod method;
  std::string name;
};

// Of probabilities that were said.
struct ProbabilityFigures {
  double calibration_error;  // CalibrationTally
  double log_loss;           // the mean of -ln P(its class), nats
};

// What told positives from negatives, and how.
struct ClassifierResult {
  ComparedMethod by;
  Roc roc;
  double threshold;
  std::optional<ProbabilityFigures> probabilities = {};
};

// What told more classes apart, and how.
struct ClassesResult {
  ComparedMethod by;
  ClassTally tally;
};

// A model of a class, as far as its losses are to be understood: what predicted them.
struct EvidenceModel {
  std::size_t vocab_size;
  PredictorKind predictor;
};

// What models say of a line that was scored; with `has_parts`, of their GPTs and n-grams, too. What is unseen is left out.
Evidence evidence_of(const ScoredLines& lines, std::size_t line, std::span<const EvidenceModel> models, bool has_parts);

std::vector<double> ratios_of(const EvidenceClassifier& classifier, ClassMethod method, const std::vector<Evidence>& documents);

// `thresholds` are in the order of the methods; by all, probabilities are said where `says_probabilities`. REQUIRES: two
// classes, and a document of each.
std::vector<ClassifierResult> pair_results(const EvidenceClassifier& classifier, const std::vector<ComparedMethod>& methods,
                                           const std::vector<double>& thresholds, const EvidenceByClass& documents,
                                           bool says_probabilities);

// REQUIRES: a document.
std::vector<ClassesResult> classes_results(const EvidenceClassifier& classifier, const std::vector<ComparedMethod>& methods,
                                           const EvidenceByClass& documents);

}  // namespace microgpt
