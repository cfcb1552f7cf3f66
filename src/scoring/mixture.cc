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

}  // namespace microgpt
