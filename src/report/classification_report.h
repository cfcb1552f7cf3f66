// SPDX-License-Identifier: MIT
// How well documents were told apart, as tables and as JSON.
#pragma once

#include <string>
#include <vector>

#include "inference/classifier.h"

namespace microgpt {

// The share of false positives at which recall is reported.
inline constexpr double kReportedRates[] = {0.05, 0.01, 0.001};

// A row for each figure, with the interval of those of the first result that are shares, and a column for each result; and the
// confusion of the first. A rate that the negatives cannot resolve is "-". REQUIRES: a result; all are of the same documents.
std::string classification_table(const std::vector<ClassifierResult>& results);

// The fields positives, negatives, method, threshold, accuracy, precision (null where nothing is said to be positive), recall,
// f1, roc_auc, recall_at_false_positive_rate (an object with "0.05", "0.01" and "0.001", null where the negatives cannot
// resolve it), expected_calibration_error and log_loss (null where no probabilities are said), intervals (of the shares among
// them), true_positives, false_negatives, false_positives and true_negatives of the first result; and those of the others, each
// with its name in an object that its key names.
std::string classification_json(const std::vector<ClassifierResult>& results);

// The figures of all results; precision, recall and F1 of each class; and, of few classes, how many documents of each were said
// to be of which, by the first result. REQUIRES: a result; all are of the same documents and of classes with these names.
std::string classes_table(const std::vector<std::string>& names, const std::vector<ClassesResult>& results);

// The fields documents, accuracy, macro_f1, log_loss, expected_calibration_error, top (an object with "2", "3" and so on),
// classes (an array with name, documents, precision, recall and f1 of each) and confusion ([its class][said]) of the first
// result; and those of the others, as above.
std::string classes_json(const std::vector<std::string>& names, const std::vector<ClassesResult>& results);

}  // namespace microgpt
