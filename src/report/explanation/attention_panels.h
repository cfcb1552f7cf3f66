// SPDX-License-Identifier: MIT
// Tables of attention as wide as there is space, and only as high as somebody looks there.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "microgpt/explain.h"

namespace microgpt {

// Positions begin to column_end are looked at, by positions begin to row_end.
struct AttentionPanel {
  std::size_t begin;
  std::size_t column_end;
  std::size_t row_end;
};

// REQUIRES: columns >= 1; the attention was explained.
inline std::vector<AttentionPanel> attention_panels(const Explanation& explanation, std::size_t columns) {
  const std::vector<PositionLoss>& positions = explanation.positions;
  std::vector<AttentionPanel> panels;
  for (std::size_t begin = 0; begin < positions.size(); begin += columns) {
    const std::size_t end = std::min(positions.size(), begin + columns);
    const auto sees_none = std::find_if(positions.begin() + static_cast<std::ptrdiff_t>(end), positions.end(),
                                        [&](const PositionLoss& p) { return p.attention_begin >= end; });
    panels.push_back({begin, end, static_cast<std::size_t>(sees_none - positions.begin())});
  }
  return panels;
}

}  // namespace microgpt
