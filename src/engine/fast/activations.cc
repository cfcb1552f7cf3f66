// SPDX-License-Identifier: MIT
#include "engine/fast/activations.h"

#include <algorithm>

#include "engine/fast/kernels/kernels.h"
#include "engine/fast/panels.h"

namespace microgpt::fast {

void Activations::reserve(std::size_t rows, std::size_t probabilities, std::size_t scratch, KeptLayers kept) {
  const std::size_t padded_rows = round_up_to_vector(rows) + kRowPadding;
  if (padded_rows <= rows_ && probabilities <= probabilities_ && scratch <= scratch_ && kept <= kept_) return;
  kept_ = std::max(kept_, kept);
  rows_ = std::max(rows_, padded_rows);
  probabilities_ = std::max(probabilities_, probabilities);
  scratch_ = std::max(scratch_, scratch);
  layers.resize(config_.n_layer);
  buffer_ = AlignedBuffer<float>();  // before the larger one is taken
  buffer_ = AlignedBuffer<float>(lay_out(nullptr));
  lay_out(buffer_.data());
  logit_offsets.resize(config_.vocab_size);
  for (std::size_t v = 0; v < config_.vocab_size; ++v)
    logit_offsets[v] = static_cast<std::size_t>(&logits.element(0, v) - logits.data);
}

std::size_t Activations::floats(const Config& config, std::size_t rows) {
  Activations activations(config);
  activations.rows_ = round_up_to_vector(rows) + kRowPadding;
  activations.kept_ = KeptLayers::all;
  activations.layers.resize(config.n_layer);
  return activations.lay_out(nullptr);
}

std::size_t Activations::lay_out(float* base) {
  Arena arena(base);
  const std::size_t width = config_.n_embd;
  const std::size_t qkv_width = 3 * round_up_to_vector(width);
  const std::size_t for_attention = panels_size(rows_, width) + panels_size(rows_, qkv_width);
  const std::size_t for_mlp = panels_size(rows_, config_.hidden_dim());
  embedded = arena.panels(rows_, width);
  embedded_scale = arena.floats(rows_);
  x = arena.panels(rows_, width);
  const Arena layers_begin = arena;
  for (LayerActivations& layer : layers) {
    if (kept_ == KeptLayers::last) arena = layers_begin;
    layer.attention_input = arena.panels(rows_, width);
    layer.attention_scale = arena.floats(rows_);
    layer.qkv = arena.panels(rows_, qkv_width);
    layer.probabilities = arena.floats(probabilities_);
    layer.attention = arena.panels(rows_, width);
    layer.mlp_input = arena.panels(rows_, width);
    layer.mlp_scale = arena.floats(rows_);
    float* const branch_floats = arena.floats(std::max(for_attention, for_mlp));
    layer.hidden = Panels::make(branch_floats, rows_, config_.hidden_dim());
    layer.rectified = config_.activation == Activation::squared_relu ? arena.panels(rows_, config_.hidden_dim()) : layer.hidden;
    layer.dhidden = layer.hidden;
    layer.dqkv = Panels::make(branch_floats, rows_, qkv_width);
    layer.dattention = Panels::make(base == nullptr ? nullptr : branch_floats + panels_size(rows_, qkv_width), rows_, width);
  }
  logits = arena.panels(rows_, config_.vocab_size);
  lse = arena.floats(rows_);
  weight = arena.floats(rows_);
  dx = x;
  dnormed = arena.panels(rows_, width);
  branch = dnormed;
  attention_scratch = arena.floats(scratch_);
  return arena.used();
}

}  // namespace microgpt::fast
