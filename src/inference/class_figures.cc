// SPDX-License-Identifier: MIT
#include "inference/class_figures.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace microgpt {
namespace {

double share_of(std::size_t part, std::size_t all) { return static_cast<double>(part) / static_cast<double>(all); }

}  // namespace

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
