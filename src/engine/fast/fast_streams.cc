#include "engine/fast/fast_streams.h"

#include <algorithm>
#include <cassert>

#include "engine/fast/arena.h"

namespace microgpt {

FastStreams::FastStreams(const FastModel& model, std::size_t count, double temperature)
    : model_(model), positions_(count), caches_(model.config.n_layer) {
  buffer_ = FloatBuffer(place_all(nullptr));
  place_all(buffer_.data());
  std::fill_n(weight_, round_up_to_vector(count), 1.0F);
  const PackedMatrix& lm_head = model.packing.lm_head;
  const auto scale = static_cast<float>(1.0 / temperature);
  std::transform(model.parameters.begin() + static_cast<std::ptrdiff_t>(lm_head.offset),
                 model.parameters.begin() + static_cast<std::ptrdiff_t>(lm_head.offset + lm_head.size()), lm_head_,
                 [&](float w) { return w * scale; });
}

// Places everything in a buffer that begins at `base` and returns how many floats that takes; with nullptr only that.
std::size_t FastStreams::place_all(float* base) {
  const Config& config = model_.config;
  const std::size_t width = config.n_embd;
  const std::size_t rows = round_up_to_vector(size()) + kRowPadding;
  Arena arena(base);
  lm_head_ = arena.floats(model_.packing.lm_head.size());
  for (float*& cache : caches_) cache = arena.floats(size() * attention_cache_size(width, config.block_size));
  embedded_ = arena.panels(rows, width);
  x_ = arena.panels(rows, width);
  normed_ = arena.panels(rows, width);
  qkv_ = arena.panels(rows, 3 * round_up_to_vector(width));
  attention_ = arena.panels(rows, width);
  hidden_ = arena.panels(rows, config.hidden_dim());
  rectified_ = config.activation == Activation::squared_relu ? arena.panels(rows, config.hidden_dim()) : hidden_;
  logits_ = arena.panels(rows, config.vocab_size);
  scale_ = arena.floats(rows);
  weight_ = arena.floats(rows);
  lse_ = arena.floats(rows);
  attention_scratch_ = arena.floats(attention_step_scratch(size(), config.block_size));
  gathered_ = arena.floats(size() * round_up_to_vector(config.vocab_size));
  return arena.used();
}

void FastStreams::product(const ConstPanels& a, std::size_t k, const PackedMatrix& weights, std::span<const float> buffer,
                          const Panels& c, ProductCall call) {
  call.a = a;
  call.b = weights.in(buffer.data());
  call.c = c;
  call.rows = size();
  call.k = k;
  model_.kernels.product(call);
}

void FastStreams::forward_layer(std::size_t index, const Panels& x_before) {
  const Config& config = model_.config;
  const PackedLayer& weights = model_.packing.layers[index];
  const std::size_t width = config.n_embd;
  model_.kernels.rms_norm({x_before, normed_, scale_, size(), width});
  product(normed_, width, weights.qkv, model_.parameters, qkv_);
  model_.kernels.attention_step(
      {width, config.n_head, config.block_size, qkv_, attention_, positions_, caches_[index], attention_scratch_});
  product(attention_, width, weights.wo, model_.parameters, x_, {.init = x_before.data});

  model_.kernels.rms_norm({x_, normed_, scale_, size(), width});
  const bool squared = config.activation == Activation::squared_relu;
  product(normed_, width, weights.fc1, model_.parameters, hidden_,
          {.gate = rectified_.data, .epilogue = squared ? Epilogue::squared_relu : Epilogue::relu});
  product(hidden_, config.hidden_dim(), model_.packing.layers_transposed[index].fc2, model_.transposed, x_, {.init = x_.data});
}

void FastStreams::compute_logits(std::span<const Token> tokens) {
  assert(tokens.size() == size());
  const Config& config = model_.config;
  const Packing& packing = model_.packing;
  const float* parameters = model_.parameters.data();
  model_.kernels.embedding({packing.wte.in(parameters), packing.wpe.in(parameters), tokens, positions_, embedded_});
  model_.kernels.rms_norm({embedded_, embedded_, scale_, size(), config.n_embd});
  for (std::size_t i = 0; i < config.n_layer; ++i) forward_layer(i, i == 0 ? embedded_ : x_);
  const PackedMatrix lm_head{0, packing.lm_head.rows, packing.lm_head.features};
  product(x_, config.n_embd, lm_head, {lm_head_, lm_head.size()}, logits_);
  for (std::int32_t& position : positions_) {
    assert(static_cast<std::size_t>(position) < config.block_size);
    ++position;
  }
}

void FastStreams::feed(std::span<const Token> tokens) {
  compute_logits(tokens);
  const std::size_t vocab_size = model_.config.vocab_size;
  model_.kernels.softmax({logits_, size(), vocab_size, weight_, lse_});
  for (std::size_t v = 0; v < vectors_of(vocab_size); ++v)
    for (std::size_t i = 0; i < size(); ++i)
      std::copy_n(logits_.at(i, v), kVectorLanes, gathered_ + (i * vectors_of(vocab_size) + v) * kVectorLanes);
}

std::span<const float> FastStreams::probabilities(std::size_t i) const {
  const std::size_t vocab_size = model_.config.vocab_size;
  return {gathered_ + i * round_up_to_vector(vocab_size), vocab_size};
}

}  // namespace microgpt
