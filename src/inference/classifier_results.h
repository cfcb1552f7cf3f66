// SPDX-License-Identifier: MIT
// What several methods make of the same documents, whose classes are known.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "inference/class_figures.h"
#include "inference/classifier.h"
#include "inference/roc.h"

namespace microgpt {

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

std::vector<double> ratios_of(const Classifier& classifier, ClassMethod method, const std::vector<Evidence>& documents);

// `thresholds` are in the order of the methods; by all, probabilities are said where `says_probabilities`. REQUIRES: two
// classes, and a document of each.
std::vector<ClassifierResult> pair_results(const Classifier& classifier, const std::vector<ComparedMethod>& methods,
                                           const std::vector<double>& thresholds, const EvidenceByClass& documents,
                                           bool says_probabilities);

// REQUIRES: a document.
std::vector<ClassesResult> classes_results(const Classifier& classifier, const std::vector<ComparedMethod>& methods,
                                           const EvidenceByClass& documents);

}  // namespace microgpt
