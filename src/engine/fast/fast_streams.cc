// SPDX-License-Identifier: MIT
#include "engine/fast/fast_streams.h"

#include <algorithm>
#include <cassert>

#include "engine/fast/panels.h"

namespace microgpt::fast {

FastStreams::FastStreams(const FastModel& model, std::size_t count, FirstLayer first_layer)
    : model_(model), positions_(count), caches_(model.config.n_layer) {
  if (first_layer == FirstLayer::looked_up) table_ = FirstLayerTable(model);
  buffer_ = AlignedBuffer<float>(lay_out(nullptr));
  lay_out(buffer_.data());
}

// Lays out everything in a buffer that begins at `base` and returns how many floats that takes; with nullptr only that.
std::size_t FastStreams::lay_out(float* base) {
  const Config& config = model_.config;
  const std::size_t width = round_up_to_vector(config.n_embd);
  Arena arena(base);
  for (float*& cache : caches_) cache = arena.floats(size() * attention_cache_size(width, config.block_size));
  logits_ = arena.floats(size() * round_up_to_vector(config.vocab_size));
  const std::size_t rows = std::min(size(), kMaxRows);
  x_ = arena.floats(rows * width);
  scale_ = arena.floats(rows);
  qkv_ = arena.floats(rows * 3 * width);
  attention_ = arena.floats(rows * width);
  hidden_ = arena.floats(rows * round_up_to_vector(config.hidden_dim()));
  first_layer_scratch_ = arena.floats(first_layer_scratch(rows, config.n_embd));
  attention_scratch_ = arena.floats(attention_step_scratch(config.block_size));
  draw_scratch_ = arena.floats(draw_scratch(config.vocab_size));
  return arena.used();
}

void FastStreams::product(const float* x, std::size_t k, const PackedMatrix& weights, std::span<const float> buffer, float* y,
                          RowProductCall call) {
  call.x = x;
  call.rows = rows_;
  call.weights = weights.in(buffer.data());
  call.k = k;
  call.y = y;
  model_.kernels.row_product(call);
}

// x = wo * attention + x, then x = fc2 * act(fc1 * norm(x)) + x. Products take what is not normed, so that they need not wait
// for the norm: its scale goes to their results, and as relu(scale * y) = scale * relu(y) past the relu too.
void FastStreams::finish_layer(std::size_t index, std::size_t first) {
  const Config& config = model_.config;
  const PackedLayer& weights = model_.packing.layers[index];
  const std::size_t width = config.n_embd;
  float* const cache = caches_[index] + first * attention_cache_size(width, config.block_size);
  model_.kernels.attention_step({width, config.n_head, config.block_size, qkv_, attention_,
                                 std::span(positions_).subspan(first, rows_), cache, attention_scratch_});
  product(attention_, width, weights.wo, model_.parameters, x_, {.addend = x_});

  model_.kernels.row_scale({x_, rows_, width, scale_});
  const bool squared = config.activation == Activation::squared_relu;
  product(x_, width, weights.fc1, model_.parameters, hidden_,
          {.scale = squared ? scale_ : nullptr, .epilogue = squared ? Epilogue::squared_relu : Epilogue::relu});
  product(hidden_, config.hidden_dim(), model_.packing.layers_transposed[index].fc2, model_.transposed, x_,
          {.scale = squared ? nullptr : scale_, .addend = x_});
}

// Of the streams from `first` on: rows_ of them.
void FastStreams::feed(std::span<const Token> tokens, std::size_t first) {
  const FirstLayerRows rows{tokens, std::span(positions_).subspan(first, rows_), x_, qkv_, first_layer_scratch_};
  if (table_.is_empty())
    compute_first_layer(model_, rows);
  else
    table_.look_up(rows);
  finish_layer(0, first);
  const std::size_t width = model_.config.n_embd;
  for (std::size_t i = 1; i < model_.config.n_layer; ++i) {
    model_.kernels.row_scale({x_, rows_, width, scale_});
    product(x_, width, model_.packing.layers[i].qkv, model_.parameters, qkv_, {.scale = scale_});
    finish_layer(i, first);
  }
  float* const logits = logits_ + first * round_up_to_vector(model_.config.vocab_size);
  product(x_, width, model_.packing.lm_head, model_.parameters, logits);
}

void FastStreams::feed(std::span<const Token> tokens) {
  assert(tokens.size() == size());
  for (std::size_t first = 0; first < size(); first += rows_) {
    rows_ = std::min(size() - first, kMaxRows);
    feed(tokens.subspan(first, rows_), first);
  }
  for (std::int32_t& position : positions_) {
    assert(static_cast<std::size_t>(position) < model_.config.block_size);
    ++position;
  }
}

std::span<float> FastStreams::logits(std::size_t i) {
  const std::size_t vocab_size = model_.config.vocab_size;
  return {logits_ + i * round_up_to_vector(vocab_size), vocab_size};
}

bool FastStreams::draw(double temperature, std::span<const float> uniforms, std::span<Token> tokens) {
  assert(uniforms.size() == size() && tokens.size() == size());
  const auto inverse_temperature = static_cast<float>(1.0 / temperature);
  return model_.kernels.draw_tokens({logits_, model_.config.vocab_size, inverse_temperature, uniforms, tokens, draw_scratch_});
}

}  // namespace microgpt::fast
