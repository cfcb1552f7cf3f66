// SPDX-License-Identifier: MIT
// Telling two kinds of documents apart: the ratio of what two models think of one, and the threshold above which it is
// positive.
//
// The log-likelihood ratio of a document x is ln P(x | positive) - ln P(x | negative), in nats, over all of its positions, its
// end included; above the threshold the document is said to be positive (Neyman and Pearson, "On the problem of the most
// efficient tests of statistical hypotheses", 1933). A character that one of the models has never seen says nothing: it is
// unseen by both (scoring/line_scorer.h), and what both charge for it is left out. So a ratio depends on what the models have
// learned, and not on which characters happened to come up in one of their corpora.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inference/classifier.h"

namespace microgpt {

inline constexpr std::string_view kPositive = "positive", kNegative = "negative";

// Of what a document costs each in nats: negative - positive, and 0 where it is impossible to both.
double log_likelihood_ratio(double positive_nats, double negative_nats);

inline std::string_view label_of(double log_likelihood_ratio, double threshold) {
  return log_likelihood_ratio > threshold ? kPositive : kNegative;
}

// The share of negatives above a threshold where none is asked for.
inline constexpr double kDefaultFalsePositiveRate = 0.01;

// Whether so many negatives are enough to tell a share of them.
bool can_resolve(double rate, std::size_t negatives);

// The threshold, or a higher one, that lies half way between a negative and the next positive above it: the highest above which
// no fewer of the positives are. `positives` are the lowest ones, ascending; where none of them is above, the threshold stays.
// REQUIRES: a negative; none is NaN.
double raised_into_gap(double threshold, std::span<const double> negatives, std::span<const double> positives);

// Thresholds that were found on known negatives, and for which two models; docs/classifier.md describes their file.
struct Calibration {
  struct Threshold {
    ClassMethod method;
    double value;
  };

  std::vector<Threshold> thresholds;  // of each method that the models have; one at least
  double false_positive_rate;         // of so many of the negatives, at most, the ratio is above it
  std::size_t negatives;              // how many there were
  std::string positive_sha256;        // of the models' files of parameters
  std::string negative_sha256;

  // Nothing where it was not found for that.
  std::optional<double> threshold_of(ClassMethod method) const;
};

// The file's text, and what it says. Throws Error: `text` is damaged; `file` stands for it in error messages.
std::string calibration_to_json(const Calibration& calibration);
Calibration calibration_from_json(const std::string& file, std::string_view text);

}  // namespace microgpt
