// SPDX-License-Identifier: MIT
#include "scoring/mixture.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>

namespace microgpt {

double mixed_loss(double a, double b, double w) {
  assert(w >= 0.0 && w <= 1.0);
  if (a == b || w == 1.0) return a;  // equal to the bit, and no infinity minus infinity
  if (w == 0.0) return b;
  const double least = std::min(a, b);
  return least - std::log(w * std::exp(least - a) + (1.0 - w) * std::exp(least - b));
}

void mix_losses(std::span<const double> a, std::span<const double> b, double w, std::span<double> mixed) {
  assert(a.size() == b.size() && b.size() == mixed.size());
  for (std::size_t i = 0; i < mixed.size(); ++i) mixed[i] = mixed_loss(a[i], b[i], w);
}

double best_share(std::span<const double> a, std::span<const double> b) {
  assert(a.size() == b.size());
  constexpr std::size_t kSteps = 100;
  const auto share = [](std::size_t step) { return static_cast<double>(step) / static_cast<double>(kSteps); };
  const auto sum_at = [&](std::size_t step) {
    double sum = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += mixed_loss(a[i], b[i], share(step));
    return sum;
  };
  // The first step after which the sum does not fall any more.
  std::size_t low = 0;
  std::size_t high = kSteps;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (sum_at(middle + 1) < sum_at(middle))
      low = middle + 1;
    else
      high = middle;
  }
  return share(low);
}

}  // namespace microgpt
