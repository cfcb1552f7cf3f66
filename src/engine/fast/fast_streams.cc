#include "engine/fast/fast_streams.h"

#include <algorithm>
#include <cassert>

#include "engine/fast/arena.h"

namespace microgpt {
namespace {

// The same matrix from a row on.
template <typename T>
PanelView<T> from_row(PanelView<T> panels, std::size_t row) {
  panels.data += row * panels.width;
  return panels;
}

}  // namespace

FastStreams::FastStreams(const FastModel& model, std::size_t count, double temperature)
    : model_(model),
      size_(count),
      most_rows_(count * model.config.block_size + kRowPadding),
      lm_head_(model.packing.lm_head.size()) {
  const Config& config = model.config;
  const std::span<const float> lm_head = model.parameters.subspan(model.packing.lm_head.offset, lm_head_.size());
  const auto scale = static_cast<float>(1.0 / temperature);
  std::transform(lm_head.begin(), lm_head.end(), lm_head_.data(), [&](float w) { return w * scale; });

  qkv_.resize(config.n_layer);
  const std::size_t rows = round_up_to_vector(count) + kRowPadding;
  const auto place_all = [&](float* base) {
    Arena arena(base);
    for (Panels& qkv : qkv_) qkv = arena.panels(most_rows_, 3 * round_up_to_vector(config.n_embd));
    heads_ = arena.panels(most_rows_, config.n_embd);
    embedded_ = arena.panels(rows, config.n_embd);
    x_ = arena.panels(rows, config.n_embd);
    normed_ = arena.panels(rows, config.n_embd);
    hidden_ = arena.panels(rows, config.hidden_dim());
    rectified_ = arena.panels(rows, config.hidden_dim());
    logits_ = arena.panels(rows, config.vocab_size);
    scale_ = arena.floats(rows);
    weight_ = arena.floats(rows);
    lse_ = arena.floats(rows);
    return arena.used();
  };
  buffer_ = FloatBuffer(place_all(nullptr));
  place_all(buffer_.data());
  std::fill_n(weight_, rows, 1.0F);
  attention_scratch_ = FloatBuffer(attention_scratch(config.n_embd, config.n_head, config.block_size));
  std::size_t room = 0;
  for (std::size_t t = 0; t < config.block_size; ++t)
    room = std::max(room, attention_room(config.n_embd, config.n_head, t, t + 1));
  attention_room_ = FloatBuffer(count * room);
  rows_.resize(count * config.block_size);
  positions_.resize(count);
  documents_.resize(count);
  gathered_.resize(count * round_up_to_vector(config.vocab_size));
}

void FastStreams::keep(std::span<const std::size_t> kept) {
  const std::size_t block_size = model_.config.block_size;
  for (std::size_t i = 0; i < kept.size(); ++i)
    if (kept[i] != i)
      std::copy_n(rows_.begin() + static_cast<std::ptrdiff_t>(kept[i] * block_size), position_,
                  rows_.begin() + static_cast<std::ptrdiff_t>(i * block_size));
  size_ = kept.size();
}

// Rows for the next position of each stream.
void FastStreams::begin_step() {
  const std::size_t block_size = model_.config.block_size;
  for (std::size_t i = 0; i < size_; ++i) {
    std::int32_t* const rows = rows_.data() + i * block_size;
    rows[position_] = static_cast<std::int32_t>(next_row_ + i);
    positions_[i] = static_cast<std::int32_t>(position_);
    documents_[i] = {rows, position_, position_ + 1};
  }
}

void FastStreams::product(const ConstPanels& a, std::size_t k, const PackedMatrix& weights, std::span<const float> buffer,
                          const Panels& c, ProductCall call) {
  call.a = a;
  call.b = weights.in(buffer.data());
  call.c = c;
  call.rows = size_;
  call.k = k;
  model_.kernels.product(call);
}

void FastStreams::forward_layer(std::size_t index, const Panels& x_before) {
  const Config& config = model_.config;
  const PackedLayer& weights = model_.packing.layers[index];
  const std::size_t width = config.n_embd;
  model_.kernels.rms_norm({x_before, normed_, scale_, size_, width});
  product(normed_, width, weights.qkv, model_.parameters, from_row(qkv_[index], next_row_));
  model_.kernels.attention({std::span(documents_).first(size_), width, config.n_head, qkv_[index], heads_,
                            attention_room_.data(), attention_scratch_.data()});
  product(from_row(heads_, next_row_), width, weights.wo, model_.parameters, x_, {.init = x_before.data});

  model_.kernels.rms_norm({x_, normed_, scale_, size_, width});
  const bool squared = config.activation == Activation::squared_relu;
  product(normed_, width, weights.fc1, model_.parameters, hidden_,
          {.gate = rectified_.data, .epilogue = squared ? Epilogue::squared_relu : Epilogue::relu});
  product(hidden_, config.hidden_dim(), model_.packing.layers_transposed[index].fc2, model_.transposed, x_, {.init = x_.data});
}

const Panels& FastStreams::feed_for_logits(std::span<const Token> tokens) {
  assert(tokens.size() == size_ && position_ < model_.config.block_size);
  const Config& config = model_.config;
  const Packing& packing = model_.packing;
  begin_step();
  const float* parameters = model_.parameters.data();
  model_.kernels.embedding(
      {packing.wte.in(parameters), packing.wpe.in(parameters), tokens, std::span(positions_).first(size_), embedded_});
  model_.kernels.rms_norm({embedded_, embedded_, scale_, size_, config.n_embd});
  for (std::size_t i = 0; i < config.n_layer; ++i) forward_layer(i, i == 0 ? embedded_ : x_);
  const PackedMatrix lm_head{0, packing.lm_head.rows, packing.lm_head.features};
  product(x_, config.n_embd, lm_head, lm_head_.span(), logits_);
  next_row_ += size_;
  ++position_;
  return logits_;
}

void FastStreams::feed(std::span<const Token> tokens) {
  feed_for_logits(tokens);
  const std::size_t vocab_size = model_.config.vocab_size;
  model_.kernels.softmax({logits_, size_, vocab_size, weight_, lse_});
  const std::size_t vectors = vectors_of(vocab_size);
  for (std::size_t i = 0; i < size_; ++i)
    for (std::size_t v = 0; v < vectors; ++v)
      std::copy_n(logits_.at(i, v), kVectorLanes, gathered_.data() + (i * vectors + v) * kVectorLanes);
}

std::span<const float> FastStreams::probabilities(std::size_t i) const {
  const std::size_t vocab_size = model_.config.vocab_size;
  return std::span(gathered_).subspan(i * round_up_to_vector(vocab_size), vocab_size);
}

}  // namespace microgpt
