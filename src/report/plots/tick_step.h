// SPDX-License-Identifier: MIT
// How far apart the ticks of an axis are.
#pragma once

#include <cmath>
#include <initializer_list>

namespace microgpt {

// 1, 2 or 5 times a power of ten, so that there are at most `most` of them in `range`. REQUIRES: both above 0.
inline double tick_step(double range, double most) {
  const double power = std::pow(10.0, std::floor(std::log10(range / most)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (range / (factor * power) <= most) return factor * power;
  return 10.0 * power;
}

}  // namespace microgpt
