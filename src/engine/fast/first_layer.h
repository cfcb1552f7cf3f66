// SPDX-License-Identifier: MIT
// What the first layer computes before attention depends on a row's token and position alone, and can be looked up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/fast/packing.h"
#include "engine/fast/panels.h"
#include "simd/aligned_buffer.h"

namespace microgpt::fast {

// Rows of streams as that part of the model takes and leaves them.
struct FirstLayerRows {
  std::span<const Token> tokens;
  std::span<const std::int32_t> positions;
  float* x;        // [rows][n_embd]: the normed embedding
  float* qkv;      // [rows][3][n_embd]
  float* scratch;  // first_layer_scratch() floats
};

constexpr std::size_t first_layer_scratch(std::size_t rows, std::size_t n_embd) {
  return rows * round_up_to_vector(n_embd) + 2 * round_up_to_vector(rows);
}

void compute_first_layer(const FastModel& model, const FirstLayerRows& rows);

// The rows of all tokens at all positions: the same bits, computed beforehand.
class FirstLayerTable {
 public:
  FirstLayerTable() = default;
  explicit FirstLayerTable(const FastModel& model);

  bool is_empty() const { return entries_.size() == 0; }
  void look_up(const FirstLayerRows& rows) const;

 private:
  std::size_t vectors_ = 0;  // of n_embd
  std::size_t block_size_ = 0;
  AlignedBuffer<float> entries_;  // [token][position][x, then qkv]
};

}  // namespace microgpt::fast
