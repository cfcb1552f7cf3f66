// SPDX-License-Identifier: MIT
#include "engine/exact/exact_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "engine/exact/exact_streams.h"
#include "engine/loss.h"
#include "microgpt/error.h"

namespace microgpt::exact {

namespace {

const Config& validated(const Config& config) {
  validate(config);
  return config;
}

}  // namespace

ExactEngine::ExactEngine(const Config& config, Target target)
    : config_(validated(config)),
      table_(config_),
      kernels_(kernels_for(target)),
      powers_(libm_powers()),
      logit_scale_(powers_.pow(powers_.pow(static_cast<double>(config_.head_dim()), 0.5), -1.0)),
      parameters_(table_.parameter_count() + kBlock),
      gradient_(table_.parameter_count() + kBlock),
      weights_(config_, table_, parameters_.data()),
      gradients_(config_, table_, gradient_.data()),
      activations_(config_) {
  activations_.reserve(1);
}

void ExactEngine::load(std::span<const double> parameters) {
  assert(parameters.size() == table_.parameter_count());
  std::copy(parameters.begin(), parameters.end(), parameters_.data());
}

void ExactEngine::store(std::span<double> parameters) const {
  assert(parameters.size() == table_.parameter_count());
  std::copy_n(parameters_.data(), parameters.size(), parameters.begin());
}

void ExactEngine::store_gradient(std::span<double> gradient) const {
  assert(gradient.size() == table_.parameter_count());
  std::copy_n(gradient_.data(), gradient.size(), gradient.begin());
}

void ExactEngine::pack(std::size_t tensor, std::span<const double> numbers, AnyNumbers packed) const {
  const Tensor& layout = table_.tensors()[tensor];
  assert(numbers.size() == layout.size());
  const auto to = std::get<std::span<double>>(packed).subspan(layout.offset, layout.size());
  std::copy(numbers.begin(), numbers.end(), to.begin());
}

void ExactEngine::unpack(AnyConstNumbers packed, std::size_t tensor, std::span<double> numbers) const {
  const Tensor& layout = table_.tensors()[tensor];
  assert(numbers.size() == layout.size());
  const auto from = std::get<std::span<const double>>(packed).subspan(layout.offset, layout.size());
  std::copy(from.begin(), from.end(), numbers.begin());
}

AnyBuffers ExactEngine::buffers() {
  const std::size_t count = table_.parameter_count();
  return Buffers<double>{parameters_.span().first(count), gradient_.span().first(count)};
}

double ExactEngine::loss_and_gradient(const Batch& batch, const Dropout& dropout, LossMean mean) {
  if (dropout.rate > 0.0) throw ConfigError("dropout", fmt::format("{}: {}", dropout.rate, kNoDropout));
  const std::size_t documents = batch.documents();
  assert(documents >= 1);
  const auto share = [&](std::size_t d) {
    if (mean == LossMean::document) return 1.0 / static_cast<double>(documents);
    return static_cast<double>(batch.counted(d)) / static_cast<double>(batch.counted_positions());
  };
  std::fill_n(gradients_.wte, gradients_.lm_head - gradients_.wte, 0.0);  // wte and wpe, to whose rows gradients are added
  std::vector<double> losses(documents);
  for (std::size_t d = documents; d-- > 0;) {
    const Document document = document_of(batch, d);
    const double per_position = 1.0 / static_cast<double>(batch.counted(d));
    double sum = 0.0;
    for (const double loss : forward(document).subspan(document.context)) sum += loss;
    losses[d] = sum * per_position;
    backward(document, per_position * share(d), d + 1 < documents);
  }
  double total = 0.0;
  if (mean == LossMean::document) {
    for (const double loss : losses) total += loss;
    return share(0) * total;
  }
  for (std::size_t d = 0; d < documents; ++d) total += share(d) * losses[d];
  return total;
}

void ExactEngine::losses(const Batch& batch, std::span<double> losses) {
  for (std::size_t d = 0; d < batch.documents(); ++d) {
    const std::span<const double> document_losses = forward(document_of(batch, d));
    std::copy(document_losses.begin(), document_losses.end(), losses.subspan(batch.offsets[d]).begin());
  }
}

// The softmax has made the logits into exponentials, whose logarithms are logits, too.
void ExactEngine::losses(const Batch& batch, const LogitChange& change, LossesOfBoth& losses) {
  constexpr double kMinLogit = -1e4;  // in place of minus infinity, where an exponential has become 0; what is no number stays
  losses.plain.clear();
  losses.changed.clear();
  losses.expected.clear();
  std::vector<float> logits(config_.vocab_size);
  for (std::size_t d = 0; d < batch.documents(); ++d) {
    const Document document = document_of(batch, d);
    const std::span<const double> plain = forward(document);
    losses.plain.insert(losses.plain.end(), plain.begin(), plain.end());
    for (std::size_t p = 0; p < document.positions(); ++p) {
      for (std::size_t v = 0; v < logits.size(); ++v)
        logits[v] = static_cast<float>(std::max(std::log(activations_.logits.element(v, p)), kMinLogit));
      if (change.apply) change.apply(losses.changed.size(), logits);
      if (change.with_expected) losses.expected.push_back(expected_loss_of(logits));
      losses.changed.push_back(loss_of(logits, document.targets[p]));
    }
  }
}

std::span<const double> ExactEngine::forward(const Document& document) {
  activations_.reserve(document.positions());
  const Activations& a = activations_;
  kernels_.embedding({weights_.wte, weights_.wpe, document.inputs, a.embedded});
  norm(a.embedded, a.layers[0].x, a.embedded_norm, document);
  for (std::size_t layer = 0; layer < config_.n_layer; ++layer) forward_layer(layer, document);
  product(weights_.lm_head, a.x, a.logits, document);
  kernels_.softmax_loss({a.logits, document.targets, a.total, a.inverse, a.losses, powers_});
  return {a.losses, document.positions()};
}

void ExactEngine::forward_layer(std::size_t index, const Document& document) {
  const LayerActivations& a = activations_.layers[index];
  const LayerWeights<const double>& w = weights_.layers[index];
  const Panels x_after = index + 1 < config_.n_layer ? activations_.layers[index + 1].x : activations_.x;
  norm(a.x, a.attention_input, a.attention_norm, document);
  product(w.attn_wq, a.attention_input, a.q, document);
  product(w.attn_wk, a.attention_input, a.k, document);
  product(w.attn_wv, a.attention_input, a.v, document);
  kernels_.attention(attention_call(a, document));
  product(w.attn_wo, a.attention, a.x_middle, document, a.x.data);
  norm(a.x_middle, a.mlp_input, a.mlp_norm, document);
  product(w.mlp_fc1, a.mlp_input, a.rectified, document);
  kernels_.activation({config_.activation, a.rectified, a.hidden, document.positions(), powers_});
  product(w.mlp_fc2, a.hidden, x_after, document, a.x_middle.data);
}

void ExactEngine::product(const double* weights, ConstPanels x, Panels y, const Document& document, const double* addend) {
  kernels_.product({weights, y.features, x, y, document.positions(), addend});
}

void ExactEngine::norm(ConstPanels x, Panels y, const NormActivations& kept, const Document& document) {
  kernels_.norm({x, y, kept.u, kept.scale, document.positions(), powers_});
}

AttentionCall ExactEngine::attention_call(const LayerActivations& a, const Document& document) const {
  return {config_.n_head, document.positions(), a.q,    a.k, a.v, a.attention, a.exponentials, a.total,
          a.inverse,      logit_scale_,         powers_};
}

void ExactEngine::backward(const Document& document, double g, bool add) {
  const Activations& a = activations_;
  // The target's row of lm_head comes last in the sum for x.
  kernels_.softmax_loss_backward({a.logits, document.targets, a.total, a.inverse, g, a.target_gradient, powers_});
  for (std::size_t p = 0; p < document.context; ++p) {
    for (std::size_t token = 0; token < config_.vocab_size; ++token) a.logits.element(token, p) = 0.0;
    a.target_gradient[p] = 0.0;
  }
  const RowRun lm_head{weights_.lm_head, a.logits, 0, config_.vocab_size};
  backward_product({&lm_head, 1}, a.dx, document);
  kernels_.target_row({weights_.lm_head, document.targets, a.target_gradient, a.dx});
  for (std::size_t p = 0; p < document.positions(); ++p)
    a.logits.element(static_cast<std::size_t>(document.targets[p]), p) = a.target_gradient[p];
  weight_gradient(a.x, a.logits, gradients_.lm_head, document, add);
  for (std::size_t layer = config_.n_layer; layer-- > 0;) backward_layer(layer, document, add);
  norm_backward(a.embedded, a.embedded_norm, a.dx, nullptr, document);
  kernels_.transpose({a.dx, a.transposed, document.positions()});
  kernels_.embedding_backward({a.transposed, config_.n_embd, document.inputs, gradients_.wte, gradients_.wpe});
}

void ExactEngine::backward_layer(std::size_t index, const Document& document, bool add) {
  const Activations& a = activations_;
  const LayerActivations& layer = a.layers[index];
  const LayerWeights<const double>& w = weights_.layers[index];
  const LayerWeights<double>& dw = gradients_.layers[index];

  const RowRun fc2{w.mlp_fc2, a.dx, 0, config_.n_embd};
  backward_product({&fc2, 1}, a.dhidden, document);
  weight_gradient(layer.hidden, a.dx, dw.mlp_fc2, document, add);
  kernels_.activation_backward({config_.activation, layer.rectified, a.dhidden, document.positions()});
  const RowRun fc1{w.mlp_fc1, a.dhidden, 0, config_.hidden_dim()};
  backward_product({&fc1, 1}, a.dnormed, document);
  weight_gradient(layer.mlp_input, a.dhidden, dw.mlp_fc1, document, add);
  norm_backward(layer.x_middle, layer.mlp_norm, a.dnormed, a.dx.data, document);

  const RowRun wo{w.attn_wo, a.dx, 0, config_.n_embd};
  backward_product({&wo, 1}, a.dattention, document);
  weight_gradient(layer.attention, a.dx, dw.attn_wo, document, add);
  kernels_.attention_backward({attention_call(layer, document), a.dattention, a.dq, a.dk, a.dv, a.attention_scratch});
  heads_.clear();
  for (std::size_t head = config_.n_head; head-- > 0;) {
    const std::size_t first = head * config_.head_dim();
    for (const auto& [weights, dy] : {std::pair(w.attn_wv, a.dv), std::pair(w.attn_wk, a.dk), std::pair(w.attn_wq, a.dq)})
      heads_.push_back({weights + first * config_.n_embd, dy, first, config_.head_dim()});
  }
  backward_product(heads_, a.dnormed, document);
  weight_gradient(layer.attention_input, a.dq, dw.attn_wq, document, add);
  weight_gradient(layer.attention_input, a.dk, dw.attn_wk, document, add);
  weight_gradient(layer.attention_input, a.dv, dw.attn_wv, document, add);
  norm_backward(layer.x, layer.attention_norm, a.dnormed, a.dx.data, document);
}

void ExactEngine::backward_product(std::span<const RowRun> runs, Panels dx, const Document& document) {
  kernels_.backward_product({runs, dx, document.positions()});
}

void ExactEngine::weight_gradient(ConstPanels x, ConstPanels dy, double* dw, const Document& document, bool add) {
  kernels_.transpose({x, activations_.transposed, document.positions()});
  kernels_.weight_gradient({activations_.transposed, x.features, dy, dw, document.positions(), add});
}

void ExactEngine::norm_backward(ConstPanels x, const NormActivations& kept, ConstPanels dy, const double* residual,
                                const Document& document) {
  kernels_.norm_backward({x, kept.u, kept.scale, dy, residual, activations_.dx, document.positions(), powers_});
}

std::unique_ptr<Stream> ExactEngine::open_stream() {
  return std::make_unique<ExactStream>(ExactStreams(config_, weights_, kernels_, 1));
}

std::unique_ptr<Streams> ExactEngine::open_streams(std::size_t count, FirstLayer) {
  return std::make_unique<ExactStreams>(config_, weights_, kernels_, count);
}

}  // namespace microgpt::exact

namespace microgpt {

std::unique_ptr<Engine> make_exact_engine(const Config& config, Target target) {
  return std::make_unique<exact::ExactEngine>(config, target);
}

}  // namespace microgpt
