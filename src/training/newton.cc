// SPDX-License-Identifier: MIT
#include "training/newton.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace microgpt {
namespace {

using Vector = std::vector<double>;
using Indices = std::vector<std::size_t>;

constexpr std::size_t kMaxNewtonSteps = 50;
constexpr double kMinStep = 1e-6;

// The x with a x = b, by Cholesky's method. REQUIRES: a [n][n] is symmetric and positive definite.
Vector solve(Vector a, Vector b) {
  const std::size_t n = b.size();
  for (std::size_t j = 0; j < n; ++j)
    for (std::size_t i = j; i < n; ++i) {
      double sum = a[i * n + j];
      for (std::size_t k = 0; k < j; ++k) sum -= a[i * n + k] * a[j * n + k];
      a[i * n + j] = i == j ? std::sqrt(sum) : sum / a[j * n + j];
    }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) b[i] -= a[i * n + k] * b[k];
    b[i] /= a[i * n + i];
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) b[i] -= a[k * n + i] * b[k];
    b[i] /= a[i * n + i];
  }
  return b;
}

class Newton {
 public:
  Newton(const SlopesAt& function, Vector start, const std::vector<bool>& is_nonnegative)
      : function_(function), point_(std::move(start)), is_nonnegative_(is_nonnegative), slopes_(function_(point_)) {}

  // Whether it gained more than that.
  bool step(double min_gain) {
    const Indices free = free_indices();
    const Vector direction = solve_for(free);
    double promised = 0.0;
    for (std::size_t i = 0; i < free.size(); ++i) promised += direction[i] * slopes_.first[free[i]] / 2.0;
    if (!(promised > min_gain)) return false;
    const double before = slopes_.value;
    for (double length = 1.0; length > kMinStep; length /= 2.0)
      if (move(free, direction, length)) break;
    return before - slopes_.value > min_gain;
  }

  Vector take_point() { return std::move(point_); }

 private:
  bool is_bounded(std::size_t i) const { return !is_nonnegative_.empty() && is_nonnegative_[i]; }

  Indices free_indices() const {
    Indices free;
    for (std::size_t i = 0; i < point_.size(); ++i)
      if (!(is_bounded(i) && point_[i] == 0.0 && slopes_.first[i] >= 0.0)) free.push_back(i);
    return free;
  }

  // The step among the free numbers alone.
  Vector solve_for(const Indices& free) const {
    Vector first, second;
    for (const std::size_t i : free) {
      first.push_back(slopes_.first[i]);
      for (const std::size_t j : free) second.push_back(slopes_.second[i * point_.size() + j]);
    }
    return solve(std::move(second), std::move(first));
  }

  // Goes there if that is lower.
  bool move(const Indices& free, const Vector& direction, double length) {
    Vector next = point_;
    for (std::size_t i = 0; i < free.size(); ++i) {
      next[free[i]] -= length * direction[i];
      if (is_bounded(free[i])) next[free[i]] = std::max(next[free[i]], 0.0);
    }
    Slopes next_slopes = function_(next);
    if (!(next_slopes.value < slopes_.value)) return false;
    point_ = std::move(next);
    slopes_ = std::move(next_slopes);
    return true;
  }

  const SlopesAt& function_;
  Vector point_;
  const std::vector<bool>& is_nonnegative_;
  Slopes slopes_;
};

}  // namespace

std::vector<double> minimise(const SlopesAt& function, std::vector<double> start, double min_gain,
                             const std::vector<bool>& is_nonnegative) {
  Newton newton(function, std::move(start), is_nonnegative);
  for (std::size_t step = 0; step < kMaxNewtonSteps && newton.step(min_gain); ++step) {
  }
  return newton.take_point();
}

}  // namespace microgpt
