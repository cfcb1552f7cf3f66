// SPDX-License-Identifier: MIT
// How far the axes of the losses of a run go.
#pragma once

#include <cstddef>
#include <vector>

#include "report/plots/loss_plots.h"

namespace microgpt {

struct LossRange {
  double lowest;
  double
      highest;   // as high as all, or where some are far above what a run begins with, as when it diverges, a little above that
  double steps;  // at least 1
};

// REQUIRES: as loss_svg().
LossRange loss_range(const LossPicture& picture);

// `count` of the points at most, spread evenly.
std::vector<Point> some_of(const std::vector<Point>& points, std::size_t count);

}  // namespace microgpt
