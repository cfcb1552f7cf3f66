// SPDX-License-Identifier: MIT
// How well numbers tell positives from negatives: at one threshold, and at all of them (the receiver operating characteristic).
//
// A number above the threshold says "positive". The area under the curve is the share of pairs of a positive and a negative in
// which the positive has the greater number, equal ones counted half (Hanley and McNeil, "The meaning and use of the area under
// a receiver operating characteristic (ROC) curve", 1982). Numbers may be infinite. Does not change after it is made.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace microgpt {

// REQUIRES of the rates: there is a positive and a negative.
struct Confusion {
  std::size_t true_positives;
  std::size_t false_negatives;
  std::size_t false_positives;
  std::size_t true_negatives;

  double accuracy() const;
  double recall() const;
  double false_positive_rate() const;
  std::optional<double> precision() const;  // nothing where nothing is said to be positive
  double f1() const;                        // the harmonic mean of precision and recall; 0 where nothing is found
};

// Where a share lies, of which `found` of `all` were seen, with a probability of 95% (Wilson, "Probable inference, the law of
// succession, and statistical inference", 1927). REQUIRES: found <= all, and all is above 0.
struct Interval {
  double low;
  double high;
};
Interval wilson_interval(std::size_t found, std::size_t all);

class Roc {
 public:
  struct Point {
    double false_positive_rate;
    double recall;
  };

  // REQUIRES: at least one of each; none is NaN.
  Roc(std::vector<double> positives, std::vector<double> negatives);

  std::size_t positives() const { return positives_.size(); }
  std::size_t negatives() const { return negatives_.size(); }

  Confusion at(double threshold) const;

  double area() const;

  // The lowest threshold at which no larger share of the negatives is said to be positive; it is one of theirs.
  // REQUIRES: 0 <= rate < 1.
  double threshold_at(double false_positive_rate) const;

  // The share of the positives that are found at that threshold.
  double recall_at(double false_positive_rate) const;

  // The corners of the curve from (0, 0) to (1, 1), one for each different number.
  std::vector<Point> points() const;

 private:
  std::vector<double> positives_;  // both descending
  std::vector<double> negatives_;
};

// Roc::threshold_at() of negatives alone. REQUIRES: there is one; none is NaN; 0 <= rate < 1.
double threshold_for(std::vector<double> negatives, double false_positive_rate);

// How well documents are told apart by class, and how true the probabilities are that are said of them.

// Adds up how often something was right that was said with a probability.
//
// The error is the expected calibration error: in kBins bins of equal width, the difference between the mean probability and
// the share that was right, weighed by how many fall into the bin (Naeini et al., "Obtaining well calibrated probabilities
// using Bayesian binning", 2015).
class CalibrationTally {
 public:
  static constexpr std::size_t kBins = 15;

  // REQUIRES: 0 <= probability <= 1.
  void add(double probability, bool is_right);

  // REQUIRES: something was added.
  double error() const;

 private:
  struct Bin {
    std::size_t count = 0;
    std::size_t right = 0;
    double sum = 0.0;  // of the probabilities
  };

  std::array<Bin, kBins> bins_;
};

// Of documents whose class is known. Each is said to be of the class with the greatest score; of equal ones of the first.
class ClassTally {
 public:
  explicit ClassTally(std::size_t classes) : classes_(classes), counts_(classes * classes), ranks_(classes) {}

  // ln P(class | document), [classes].
  void add(std::size_t its_class, std::span<const double> log_probabilities);

  std::size_t classes() const { return classes_; }
  std::size_t documents() const { return documents_; }

  // Documents of a class that were said to be of another, or of itself; and all of a class, and all that were said to be of
  // one.
  std::size_t count(std::size_t its_class, std::size_t said) const { return counts_[its_class * classes_ + said]; }
  std::size_t support(std::size_t its_class) const;
  std::size_t said_of(std::size_t said) const;

  // REQUIRES of all: there is a document.
  double accuracy() const { return static_cast<double>(count_among(1)) / static_cast<double>(documents_); }
  std::size_t count_among(std::size_t k) const;  // documents whose class is among the k likeliest; REQUIRES: k <= classes
  double log_loss() const { return log_loss_ / static_cast<double>(documents_); }  // the mean of -ln P(its class), nats
  double calibration_error() const { return calibration_.error(); }                // of the likeliest class

  // Of a class; nothing where there is nothing to take the share of.
  std::optional<double> precision(std::size_t c) const;
  std::optional<double> recall(std::size_t c) const;
  double f1(std::size_t c) const;  // 0 where nothing is found

  // The mean over the classes that have a document or were said.
  double macro_f1() const;

 private:
  std::size_t classes_;
  std::vector<std::size_t> counts_;  // [its class][said]
  std::vector<std::size_t> ranks_;   // how many classes were likelier than its own: documents of each number
  CalibrationTally calibration_;
  std::size_t documents_ = 0;
  double log_loss_ = 0.0;
};

}  // namespace microgpt
