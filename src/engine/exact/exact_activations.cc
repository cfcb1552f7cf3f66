// SPDX-License-Identifier: MIT
#include "engine/exact/exact_activations.h"

#include <fmt/format.h>

#include "engine/exact/kernels/exact_kernels.h"
#include "io/resource_limits.h"
#include "microgpt/error.h"

namespace microgpt::exact {
namespace {

// Hands out parts of one buffer. With a null base nothing is handed out, and only what it would take is counted: as a double,
// since the product of sizes that are allowed each for itself may be beyond any integer.
class Arena {
 public:
  explicit Arena(double* base) : base_(base) {}

  double* doubles(double count) {
    double* taken = base_ == nullptr ? nullptr : base_ + static_cast<std::size_t>(used_);
    used_ += count;
    return taken;
  }

  double used() const { return used_; }

 private:
  double* base_;
  double used_ = 0.0;
};

}  // namespace

void Activations::reserve(std::size_t positions) {
  if (positions <= positions_) return;
  layers.resize(config_.n_layer);
  positions_ = 0;  // as placing nothing leaves no space, should there be too little memory
  const double size = lay_out(nullptr, positions);
  const double bytes = size * sizeof(double);
  const auto memory = static_cast<double>(usable_memory());
  if (bytes > memory)
    throw ConfigError("block_size",
                      fmt::format("{} with n_embd {} and n_layer {}: a document of {} positions takes {}, and this "
                                  "machine has {}; choose smaller sizes",
                                  config_.block_size, config_.n_embd, config_.n_layer, positions, describe_memory(bytes),
                                  describe_memory(memory)));
  buffer_ = AlignedBuffer<double>();  // before the larger one is taken
  buffer_ = AlignedBuffer<double>(static_cast<std::size_t>(size));
  lay_out(buffer_.data(), positions);
  positions_ = round_up_to_block(positions);  // there is space for as many
}

double Activations::lay_out(double* base, std::size_t positions) {
  Arena arena(base);
  const std::size_t padded_positions = round_up_to_block(positions);
  const std::size_t width = config_.n_embd;
  const auto numbers = [&](std::size_t count) {
    return arena.doubles(static_cast<double>(count) * static_cast<double>(padded_positions));
  };
  const auto panels = [&](std::size_t features) { return Panels{numbers(features), features}; };
  const auto norm = [&] {
    double* u = numbers(1);
    return NormActivations{u, numbers(1)};
  };
  embedded = panels(width);
  embedded_norm = norm();
  for (LayerActivations& layer : layers) {
    layer.x = panels(width);
    layer.attention_norm = norm();
    layer.attention_input = panels(width);
    layer.q = panels(width);
    layer.k = panels(width);
    layer.v = panels(width);
    layer.exponentials = arena.doubles(static_cast<double>(exponentials_size(config_.n_head, positions)));
    layer.total = numbers(config_.n_head);
    layer.inverse = numbers(config_.n_head);
    layer.attention = panels(width);
    layer.x_middle = panels(width);
    layer.mlp_norm = norm();
    layer.mlp_input = panels(width);
    layer.rectified = panels(config_.hidden_dim());
    layer.hidden = config_.activation == Activation::squared_relu ? panels(config_.hidden_dim()) : layer.rectified;
  }
  x = panels(width);
  logits = panels(config_.vocab_size);
  total = numbers(1);
  inverse = numbers(1);
  losses = numbers(1);
  target_gradient = numbers(1);
  dx = panels(width);
  dnormed = panels(width);
  dattention = panels(width);
  dq = panels(width);
  dk = panels(width);
  dv = panels(width);
  dhidden = panels(config_.hidden_dim());
  transposed = numbers(round_up_to_block(config_.hidden_dim()));
  attention_scratch = arena.doubles(static_cast<double>(exact::attention_scratch(positions)));
  return arena.used();
}

}  // namespace microgpt::exact
