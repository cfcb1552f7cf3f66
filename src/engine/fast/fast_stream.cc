#include "engine/fast/fast_stream.h"

#include <cassert>

#include "engine/fast/arena.h"

namespace microgpt {

FastStream::FastStream(const FastModel& model)
    : model_(model), caches_(model.config.n_layer), result_(model.config.vocab_size) {
  buffer_ = FloatBuffer(place_all(nullptr));
  place_all(buffer_.data());
}

// Places everything in a buffer that begins at `base` and returns how many floats that takes; with nullptr only that.
std::size_t FastStream::place_all(float* base) {
  const Config& config = model_.config;
  const std::size_t width = round_up_to_vector(config.n_embd);
  Arena arena(base);
  for (float*& cache : caches_) cache = arena.floats(attention_cache_size(width, config.block_size));
  x_ = arena.floats(width);
  normed_ = arena.floats(width);
  qkv_ = arena.floats(3 * width);
  attention_ = arena.floats(width);
  hidden_ = arena.floats(config.hidden_dim());
  logits_ = arena.floats(config.vocab_size);
  attention_scratch_ = arena.floats(attention_step_scratch(1, config.block_size));
  return arena.used();
}

void FastStream::product(const float* x, std::size_t k, const PackedMatrix& weights, std::span<const float> buffer, float* y,
                         RowProductCall call) {
  call.x = x;
  call.weights = weights.in(buffer.data());
  call.k = k;
  call.y = y;
  model_.kernels.row_product(call);
}

void FastStream::forward_layer(std::size_t index) {
  const Config& config = model_.config;
  const PackedLayer& weights = model_.packing.layers[index];
  const std::size_t width = config.n_embd;
  model_.kernels.row_norm({x_, normed_, width});
  product(normed_, width, weights.qkv, model_.parameters, qkv_);
  model_.kernels.attention_step({width,
                                 config.n_head,
                                 config.block_size,
                                 ConstPanels::make(qkv_, 1, 3 * round_up_to_vector(width)),
                                 Panels::make(attention_, 1, width),
                                 {&position_, 1},
                                 caches_[index],
                                 attention_scratch_});
  product(attention_, width, weights.wo, model_.parameters, x_, {.addend = x_});

  model_.kernels.row_norm({x_, normed_, width});
  const bool squared = config.activation == Activation::squared_relu;
  product(normed_, width, weights.fc1, model_.parameters, hidden_,
          {.epilogue = squared ? Epilogue::squared_relu : Epilogue::relu});
  product(hidden_, config.hidden_dim(), model_.packing.layers_transposed[index].fc2, model_.transposed, x_, {.addend = x_});
}

std::span<const double> FastStream::feed(Token token) {
  const Config& config = model_.config;
  assert(static_cast<std::size_t>(position_) < config.block_size);
  const Packing& packing = model_.packing;
  const float* parameters = model_.parameters.data();
  model_.kernels.embedding({packing.wte.in(parameters),
                            packing.wpe.in(parameters),
                            {&token, 1},
                            {&position_, 1},
                            Panels::make(x_, 1, config.n_embd)});
  model_.kernels.row_norm({x_, x_, config.n_embd});
  for (std::size_t i = 0; i < config.n_layer; ++i) forward_layer(i);
  product(x_, config.n_embd, packing.lm_head, model_.parameters, logits_);
  ++position_;
  for (std::size_t i = 0; i < result_.size(); ++i) result_[i] = static_cast<double>(logits_[i]);
  return result_;
}

}  // namespace microgpt
