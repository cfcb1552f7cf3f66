// SPDX-License-Identifier: MIT
#include "engine/fast/changed_rows.h"

#include <cassert>

namespace microgpt::fast {

void ChangedRows::build(const Rows& rows, std::span<const std::uint32_t> keys) {
  const std::span<const std::int32_t> row_of_position = rows.row_of_position();
  assert(keys.size() == row_of_position.size());
  changed_.clear();
  first_of_row_.assign(rows.size(), kNone);
  row_of_position_.resize(keys.size());
  for (std::uint32_t i = 0; i < keys.size(); ++i) {
    const auto row = static_cast<std::uint32_t>(row_of_position[i]);
    std::uint32_t found = first_of_row_[row];
    while (found != kNone && keys[changed_[found].position] != keys[i]) found = changed_[found].next;
    if (found == kNone) {
      found = static_cast<std::uint32_t>(changed_.size());
      changed_.push_back({i, row, first_of_row_[row]});
      first_of_row_[row] = found;
    }
    row_of_position_[i] = found;
  }
}

}  // namespace microgpt::fast
