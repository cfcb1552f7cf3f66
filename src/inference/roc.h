// SPDX-License-Identifier: MIT
// How well numbers tell positives from negatives: at one threshold, and at all of them (the receiver operating characteristic).
//
// A number above the threshold says "positive". The area under the curve is the share of pairs of a positive and a negative in
// which the positive has the greater number, equal ones counted half (Hanley and McNeil, "The meaning and use of the area under
// a receiver operating characteristic (ROC) curve", 1982). Numbers may be infinite. Does not change after it is made.
#pragma once

#include <cstddef>
#include <optional>
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

}  // namespace microgpt
