// SPDX-License-Identifier: MIT
// Places of labels that stand below each other, so that none touches another.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace microgpt {

// Where labels would touch they are moved down, and up again from below `bottom`. `label.y` is the height of each; neighbours
// are `line_height` apart, or more. Sorts them by height.
template <typename Label>
void spread_labels(std::vector<Label>& labels, double line_height, double bottom) {
  std::stable_sort(labels.begin(), labels.end(), [](const Label& a, const Label& b) { return a.y < b.y; });
  double free = 0.0;
  for (Label& label : labels) free = (label.y = std::max(label.y, free)) + line_height;
  double last = bottom;
  for (std::size_t i = labels.size(); i-- > 0;) last = (labels[i].y = std::min(labels[i].y, last)) - line_height;
}

}  // namespace microgpt
