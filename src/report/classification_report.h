// SPDX-License-Identifier: MIT
// How well documents were told apart, as a table and as JSON.
#pragma once

#include <string>
#include <vector>

#include "inference/roc.h"

namespace microgpt {

// The share of false positives at which recall is reported.
inline constexpr double kReportedRates[] = {0.05, 0.01, 0.001};

// What told documents apart, and how.
struct ClassifierResult {
  std::string name;  // "model", "5-gram"
  Roc roc;
  double threshold;
};

// A row for each figure and a column for each result, and the confusion of each. REQUIRES: a result; all are of the same
// documents.
std::string classification_table(const std::vector<ClassifierResult>& results);

// The fields positives, negatives, threshold, accuracy, precision (null where nothing is said to be positive), recall, f1,
// roc_auc, recall_at_false_positive_rate (an object with "0.05", "0.01" and "0.001"), true_positives, false_negatives,
// false_positives and true_negatives of the first result; and those of the second, if there is one, with its name in the
// object "ngram".
std::string classification_json(const std::vector<ClassifierResult>& results);

}  // namespace microgpt
