// SPDX-License-Identifier: MIT
#include "inference/class_figures.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

namespace microgpt {
namespace {

double ratio(std::size_t part, std::size_t whole) { return static_cast<double>(part) / static_cast<double>(whole); }

std::vector<double> descending(std::vector<double> numbers) {
  assert(!numbers.empty());
  std::sort(numbers.begin(), numbers.end(), std::greater<>());
  return numbers;
}

// How many of numbers that descend are above the threshold, or at least as large.
std::size_t count_above(const std::vector<double>& numbers, double threshold) {
  const auto end = std::lower_bound(numbers.begin(), numbers.end(), threshold, std::greater<>());
  return static_cast<std::size_t>(end - numbers.begin());
}
std::size_t count_from(const std::vector<double>& numbers, double threshold) {
  const auto end = std::upper_bound(numbers.begin(), numbers.end(), threshold, std::greater<>());
  return static_cast<std::size_t>(end - numbers.begin());
}

// As many of the negatives may be above the threshold, so that it is the next one. A rate such as 0.29 is no binary fraction:
// 0.29 of 100 must be 29.
double threshold_in(const std::vector<double>& negatives, double rate) {
  assert(rate >= 0.0 && rate < 1.0);
  constexpr double kRounding = 1e-9;
  const auto allowed = static_cast<std::size_t>(std::floor(rate * static_cast<double>(negatives.size()) + kRounding));
  return negatives[std::min(allowed, negatives.size() - 1)];
}

double share_of(std::size_t part, std::size_t all) { return static_cast<double>(part) / static_cast<double>(all); }

}  // namespace

double Confusion::accuracy() const {
  return ratio(true_positives + true_negatives, true_positives + false_negatives + false_positives + true_negatives);
}

double Confusion::recall() const { return ratio(true_positives, true_positives + false_negatives); }

double Confusion::false_positive_rate() const { return ratio(false_positives, false_positives + true_negatives); }

std::optional<double> Confusion::precision() const {
  if (true_positives + false_positives == 0) return std::nullopt;
  return ratio(true_positives, true_positives + false_positives);
}

double Confusion::f1() const { return ratio(2 * true_positives, 2 * true_positives + false_positives + false_negatives); }

Interval wilson_interval(std::size_t found, std::size_t all) {
  assert(found <= all && all > 0);
  constexpr double kDeviations = 1.959963984540054;  // of the normal distribution, beyond which 5% lie
  const double n = static_cast<double>(all), share = ratio(found, all), square = kDeviations * kDeviations;
  const double middle = (share + square / (2.0 * n)) / (1.0 + square / n);
  const double half = kDeviations / (1.0 + square / n) * std::sqrt(share * (1.0 - share) / n + square / (4.0 * n * n));
  return {std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

Roc::Roc(std::vector<double> positives, std::vector<double> negatives)
    : positives_(descending(std::move(positives))), negatives_(descending(std::move(negatives))) {}

Confusion Roc::at(double threshold) const {
  const std::size_t found = count_above(positives_, threshold);
  const std::size_t wrong = count_above(negatives_, threshold);
  return {found, positives_.size() - found, wrong, negatives_.size() - wrong};
}

double Roc::area() const {
  double pairs = 0.0;
  for (const double negative : negatives_)
    pairs += 0.5 * static_cast<double>(count_above(positives_, negative) + count_from(positives_, negative));
  return pairs / static_cast<double>(positives_.size()) / static_cast<double>(negatives_.size());
}

double Roc::threshold_at(double false_positive_rate) const { return threshold_in(negatives_, false_positive_rate); }

double Roc::recall_at(double false_positive_rate) const { return at(threshold_at(false_positive_rate)).recall(); }

std::vector<Roc::Point> Roc::points() const {
  std::vector<Point> points{{0.0, 0.0}};
  for (std::size_t p = 0, n = 0; p < positives_.size() || n < negatives_.size();) {
    const bool is_positive = n == negatives_.size() || (p < positives_.size() && positives_[p] >= negatives_[n]);
    const double number = is_positive ? positives_[p] : negatives_[n];
    while (p < positives_.size() && positives_[p] == number) ++p;
    while (n < negatives_.size() && negatives_[n] == number) ++n;
    points.push_back({ratio(n, negatives_.size()), ratio(p, positives_.size())});
  }
  return points;
}

double threshold_for(std::vector<double> negatives, double false_positive_rate) {
  return threshold_in(descending(std::move(negatives)), false_positive_rate);
}

void CalibrationTally::add(double probability, bool is_right) {
  assert(probability >= 0.0 && probability <= 1.0);
  Bin& bin = bins_[std::min(kBins - 1, static_cast<std::size_t>(probability * static_cast<double>(kBins)))];
  ++bin.count;
  bin.right += is_right ? 1 : 0;
  bin.sum += probability;
}

double CalibrationTally::error() const {
  double error = 0.0, count = 0.0;
  for (const Bin& bin : bins_) {
    error += std::abs(bin.sum - static_cast<double>(bin.right));
    count += static_cast<double>(bin.count);
  }
  return error / count;
}

void ClassTally::add(std::size_t its_class, std::span<const double> log_probabilities) {
  assert(log_probabilities.size() == classes_ && its_class < classes_);
  const auto most = std::max_element(log_probabilities.begin(), log_probabilities.end());
  const auto said = static_cast<std::size_t>(most - log_probabilities.begin());
  const double own = log_probabilities[its_class];
  std::size_t rank = 0;
  for (std::size_t c = 0; c < classes_; ++c)
    if (log_probabilities[c] > own || (log_probabilities[c] == own && c < its_class)) ++rank;
  ++counts_[its_class * classes_ + said];
  ++ranks_[rank];
  calibration_.add(std::min(1.0, std::exp(*most)), said == its_class);
  log_loss_ -= own;
  ++documents_;
}

std::size_t ClassTally::support(std::size_t its_class) const {
  std::size_t sum = 0;
  for (std::size_t said = 0; said < classes_; ++said) sum += count(its_class, said);
  return sum;
}

std::size_t ClassTally::said_of(std::size_t said) const {
  std::size_t sum = 0;
  for (std::size_t c = 0; c < classes_; ++c) sum += count(c, said);
  return sum;
}

std::size_t ClassTally::count_among(std::size_t k) const {
  return std::accumulate(ranks_.begin(), ranks_.begin() + static_cast<std::ptrdiff_t>(k), std::size_t{0});
}

std::optional<double> ClassTally::precision(std::size_t c) const {
  if (said_of(c) == 0) return std::nullopt;
  return share_of(count(c, c), said_of(c));
}

std::optional<double> ClassTally::recall(std::size_t c) const {
  if (support(c) == 0) return std::nullopt;
  return share_of(count(c, c), support(c));
}

double ClassTally::f1(std::size_t c) const {
  const std::size_t all = support(c) + said_of(c);
  return all == 0 ? 0.0 : share_of(2 * count(c, c), all);
}

double ClassTally::macro_f1() const {
  double sum = 0.0;
  std::size_t classes = 0;
  for (std::size_t c = 0; c < classes_; ++c) {
    if (support(c) + said_of(c) == 0) continue;
    sum += f1(c);
    ++classes;
  }
  return sum / static_cast<double>(classes);
}

}  // namespace microgpt
