// SPDX-License-Identifier: MIT
#include "engine/fast/first_layer.h"

#include <algorithm>
#include <vector>

namespace microgpt::fast {

void compute_first_layer(const FastModel& model, const FirstLayerRows& rows) {
  const Packing& packing = model.packing;
  const float* parameters = model.parameters.data();
  const std::size_t width = model.config.n_embd;
  const std::size_t count = rows.tokens.size();
  float* const embedded = rows.scratch;
  float* const scale = embedded + count * round_up_to_vector(width);
  float* const scale_twice = scale + round_up_to_vector(count);
  model.kernels.row_embedding({packing.wte.in(parameters), packing.wpe.in(parameters), rows.tokens, rows.positions, width,
                               embedded, rows.x, scale, scale_twice});
  model.kernels.row_product({.x = embedded,
                             .rows = count,
                             .weights = packing.layers.front().qkv.in(parameters),
                             .k = width,
                             .y = rows.qkv,
                             .scale = scale_twice});
}

// Token by token: the positions of one are what is computed at a time.
FirstLayerTable::FirstLayerTable(const FastModel& model)
    : vectors_(vectors_of(model.config.n_embd)), block_size_(model.config.block_size) {
  const std::size_t width = vectors_ * kVectorLanes;
  entries_ = AlignedBuffer<float>(model.config.vocab_size * block_size_ * 4 * width);
  AlignedBuffer<float> x(block_size_ * width), qkv(block_size_ * 3 * width);
  AlignedBuffer<float> scratch(first_layer_scratch(block_size_, model.config.n_embd));
  std::vector<Token> tokens(block_size_);
  std::vector<std::int32_t> positions(block_size_);
  for (std::size_t t = 0; t < block_size_; ++t) positions[t] = static_cast<std::int32_t>(t);
  float* entry = entries_.data();
  for (std::size_t token = 0; token < model.config.vocab_size; ++token) {
    std::fill(tokens.begin(), tokens.end(), static_cast<Token>(token));
    compute_first_layer(model, {tokens, positions, x.data(), qkv.data(), scratch.data()});
    for (std::size_t t = 0; t < block_size_; ++t) {
      entry = std::copy_n(x.data() + t * width, width, entry);
      entry = std::copy_n(qkv.data() + t * 3 * width, 3 * width, entry);
    }
  }
}

void FirstLayerTable::look_up(const FirstLayerRows& rows) const {
  const std::size_t width = vectors_ * kVectorLanes;
  for (std::size_t i = 0; i < rows.tokens.size(); ++i) {
    const auto token = static_cast<std::size_t>(rows.tokens[i]);
    const auto position = static_cast<std::size_t>(rows.positions[i]);
    const float* entry = entries_.data() + (token * block_size_ + position) * 4 * width;
    std::copy_n(entry, width, rows.x + i * width);
    std::copy_n(entry + width, 3 * width, rows.qkv + i * 3 * width);
  }
}

}  // namespace microgpt::fast
