// SPDX-License-Identifier: MIT
// Telling two kinds of documents apart by two models: one of each kind.
//
// The log-likelihood ratio of a document x is ln P(x | positive) - ln P(x | negative), in nats, over all of its positions, its
// end included; above the threshold the document is said to be positive (Neyman and Pearson, "On the problem of the most
// efficient tests of statistical hypotheses", 1933). A character that one of the models has never seen says nothing: it is
// unseen by both (scoring/line_scorer.h), and what both charge for it is left out. So a ratio depends on what the models have
// learned, and not on which characters happened to come up in one of their corpora.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "scoring/evaluation.h"

namespace microgpt {

inline constexpr std::string_view kPositive = "positive", kNegative = "negative";

// What a document costs a model, and the number of the model's tokens.
struct LossOfModel {
  const DocumentLoss& loss;
  std::size_t vocab_size;
};

// 0 where it is impossible to both. REQUIRES: the same document, and the same of its characters are unseen.
// Of what a document costs each in nats: negative - positive, and 0 where it is impossible to both.
double log_likelihood_ratio(double positive_nats, double negative_nats);

double log_likelihood_ratio(const LossOfModel& positive, const LossOfModel& negative);

inline std::string_view label_of(double log_likelihood_ratio, double threshold) {
  return log_likelihood_ratio > threshold ? kPositive : kNegative;
}

// The share of negatives above a threshold where none is asked for.
inline constexpr double kUsualFalsePositiveRate = 0.01;

// A threshold that was found on known negatives, and for which two models; docs/classifier.md describes its file.
struct Calibration {
  double threshold;
  double false_positive_rate;   // of so many of the negatives, at most, the ratio is above it
  std::size_t negatives;        // how many there were
  std::string positive_sha256;  // of the models' files of parameters
  std::string negative_sha256;
  std::string predictor;  // which of PredictorKind found it; of before version 0.3: gpt
};

// The file's text, and what it says. Throws Error: `text` is damaged; `file` stands for it in error messages.
std::string calibration_to_json(const Calibration& calibration);
Calibration calibration_from_json(const std::string& file, std::string_view text);

}  // namespace microgpt
