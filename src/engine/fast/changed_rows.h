// SPDX-License-Identifier: MIT
// The rows of logits that are made into others: of positions that share a row of the model, one for each different key.
//
// Memory grows to the largest part so far and is then used again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/fast/rows.h"

namespace microgpt::fast {

class ChangedRows {
 public:
  // Of these rows; keys[i] is that of their position i.
  void build(const Rows& rows, std::span<const std::uint32_t> keys);

  struct Row {
    std::size_t position;  // the first that it is for
    std::size_t row;       // of the model
  };

  std::size_t size() const { return changed_.size(); }
  Row operator[](std::size_t i) const { return {changed_[i].position, changed_[i].row}; }

  // Which of these a position has.
  std::size_t row_of_position(std::size_t position) const { return row_of_position_[position]; }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  struct Changed {
    std::uint32_t position;
    std::uint32_t row;
    std::uint32_t next = kNone;  // of the same row of the model
  };

  std::vector<Changed> changed_;
  std::vector<std::uint32_t> first_of_row_;  // [rows of the model], of changed_
  std::vector<std::uint32_t> row_of_position_;
};

}  // namespace microgpt::fast
