// SPDX-License-Identifier: MIT
// The points that are best for what they cost.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "report/plots/line_plot.h"

namespace microgpt {

// Indices of the points that no other one beats: none is as low in both x and y and lower in one. By ascending x; of points
// that are equal, all.
std::vector<std::size_t> pareto_front(std::span<const Point> points);

}  // namespace microgpt
