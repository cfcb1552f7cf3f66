// SPDX-License-Identifier: MIT
// The attention of an explanation, layer by layer, and what of it needs no table.
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <string>

#include "inference/explain_document.h"
#include "microgpt/explain.h"
#include "report/explanation/attention_panels.h"

namespace microgpt {

// Refers to both. REQUIRES: the attention was explained.
class AttentionLayers {
 public:
  AttentionLayers(const Explanation& explanation, const EarlierAttention& earlier)
      : explanation_(explanation), earlier_(earlier) {}

  const Explanation& explanation() const { return explanation_; }
  std::size_t size() const { return earlier_.size() + 1; }

  // What a position takes of attention_begin and those after it.
  std::span<const double> row(std::size_t layer, std::size_t head, std::size_t position) const {
    const auto& rows = layer < earlier_.size() ? earlier_[layer][position] : explanation_.positions[position].attention;
    return rows[head];
  }

  // In whole per cent. REQUIRES: the position sees `of`.
  long percent(std::size_t layer, std::size_t head, std::size_t position, std::size_t of) const {
    return std::lround(100.0 * row(layer, head, position)[of - explanation_.positions[position].attention_begin]);
  }

  // "looks only at itself: 98% or more": where a head takes nearly all of one place, everywhere; otherwise empty.
  std::string only_place(std::size_t layer, std::size_t head) const;

  // Whether all cells of a table would be 0.
  bool is_blank(std::size_t layer, std::size_t head, const AttentionPanel& panel) const;

  // "head 1", and which positions where a table has not all of them.
  std::string name_of(std::size_t head, const AttentionPanel& panel) const;

 private:
  const Explanation& explanation_;
  const EarlierAttention& earlier_;
};

}  // namespace microgpt
