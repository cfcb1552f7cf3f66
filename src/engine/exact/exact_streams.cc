// SPDX-License-Identifier: MIT
#include "engine/exact/exact_streams.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace microgpt::exact {

namespace {

// As in SoftmaxLossCall: logits become probabilities.
void softmax(std::span<double> logits) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  double total = 0.0;
  for (double& e : logits) {
    e = std::exp(e + -largest);
    total += e;
  }
  const double inverse = std::pow(total, -1.0);
  for (double& e : logits) e *= inverse;
}

}  // namespace

ExactStreams::ExactStreams(const Config& config, const Weights<const double>& weights, const Kernels& kernels,
                           std::size_t count)
    : config_(config),
      weights_(&weights),
      kernels_(&kernels),
      powers_(libm_powers()),
      positions_(count),
      caches_(config.n_layer * count),
      exact_rows_(count * config.vocab_size),
      rows_(exact_rows_.size()) {
  buffer_ = AlignedBuffer<double>(lay_out(nullptr));
  lay_out(buffer_.data());
}

std::size_t ExactStreams::lay_out(double* base) {
  std::size_t used = 0;
  const auto numbers = [&](std::size_t count) {
    double* taken = base == nullptr ? nullptr : base + used;
    used += count * round_up_to_block(size());
    return taken;
  };
  const auto panels = [&](std::size_t features) { return Panels{numbers(features), features}; };
  x_ = panels(config_.n_embd);
  normed_ = panels(config_.n_embd);
  q_ = panels(config_.n_embd);
  k_ = panels(config_.n_embd);
  v_ = panels(config_.n_embd);
  attention_ = panels(config_.n_embd);
  hidden_ = panels(config_.hidden_dim());
  squared_ = config_.activation == Activation::squared_relu ? panels(config_.hidden_dim()) : hidden_;
  logits_ = panels(config_.vocab_size);
  norm_u_ = numbers(1);
  norm_scale_ = numbers(1);
  return used;
}

void ExactStreams::restart(std::size_t i) {
  positions_[i] = 0;
  for (std::size_t layer = 0; layer < config_.n_layer; ++layer) {
    Cache& cache = caches_[layer * size() + i];
    cache.keys.clear();
    cache.values.clear();
  }
}

void ExactStreams::feed(std::span<const Token> tokens) {
  assert(tokens.size() == size());
  embed(tokens);
  for (std::size_t layer = 0; layer < config_.n_layer; ++layer) feed_layer(layer);
  product(weights_->lm_head, x_, logits_);
  for (std::size_t i = 0; i < size(); ++i) {
    ++positions_[i];
    for (std::size_t o = 0; o < config_.vocab_size; ++o) {
      const double logit = logits_.element(o, i);
      exact_rows_[i * config_.vocab_size + o] = logit;
      rows_[i * config_.vocab_size + o] = static_cast<float>(logit);
    }
  }
}

std::span<const double> ExactStreams::exact_logits(std::size_t i) const {
  return std::span(exact_rows_).subspan(i * config_.vocab_size, config_.vocab_size);
}

std::span<float> ExactStreams::logits(std::size_t i) {
  return std::span(rows_).subspan(i * config_.vocab_size, config_.vocab_size);
}

void ExactStreams::embed(std::span<const Token> tokens) {
  for (std::size_t i = 0; i < size(); ++i) {
    assert(positions_[i] < config_.block_size);
    const double* token = weights_->wte + static_cast<std::size_t>(tokens[i]) * config_.n_embd;
    const double* position = weights_->wpe + positions_[i] * config_.n_embd;
    for (std::size_t f = 0; f < config_.n_embd; ++f) normed_.element(f, i) = token[f] + position[f];
  }
  norm(normed_, x_);
}

void ExactStreams::feed_layer(std::size_t layer) {
  const LayerWeights<const double>& w = weights_->layers[layer];
  norm(x_, normed_);
  product(w.attn_wq, normed_, q_);
  product(w.attn_wk, normed_, k_);
  product(w.attn_wv, normed_, v_);
  for (std::size_t i = 0; i < size(); ++i) attend(layer, i);
  product(w.attn_wo, attention_, x_, x_.data);
  norm(x_, normed_);
  product(w.mlp_fc1, normed_, hidden_);
  kernels_->activation({config_.activation, hidden_, squared_, size(), powers_});
  product(w.mlp_fc2, squared_, x_, x_.data);
}

// As AttentionCall for one query.
void ExactStreams::attend(std::size_t layer, std::size_t stream) {
  Cache& cache = caches_[layer * size() + stream];
  for (std::size_t f = 0; f < config_.n_embd; ++f) {
    cache.keys.push_back(k_.element(f, stream));
    cache.values.push_back(v_.element(f, stream));
  }
  const std::size_t head_dim = config_.head_dim();
  const std::size_t keys = positions_[stream] + 1;
  const double isq = std::pow(std::pow(static_cast<double>(head_dim), 0.5), -1.0);
  attention_weights_.resize(keys);
  for (std::size_t first = 0; first < config_.n_embd; first += head_dim) {
    for (std::size_t t = 0; t < keys; ++t) {
      const double* key = cache.keys.data() + t * config_.n_embd + first;
      double sum = 0.0;
      for (std::size_t j = 0; j < head_dim; ++j) sum += q_.element(first + j, stream) * key[j];
      attention_weights_[t] = sum * isq;
    }
    softmax(attention_weights_);
    for (std::size_t j = 0; j < head_dim; ++j) {
      double sum = 0.0;
      for (std::size_t t = 0; t < keys; ++t) sum += attention_weights_[t] * cache.values[t * config_.n_embd + first + j];
      attention_.element(first + j, stream) = sum;
    }
  }
}

void ExactStreams::product(const double* weights, ConstPanels x, Panels y, const double* addend) {
  kernels_->product({weights, y.features, x, y, size(), addend});
}

void ExactStreams::norm(ConstPanels x, Panels y) { kernels_->norm({x, y, norm_u_, norm_scale_, size(), powers_}); }

bool ExactStreams::draw(double temperature, std::span<const float> uniforms, std::span<Token> tokens) {
  const double inverse_temperature = std::pow(temperature, -1.0);
  bool is_valid = true;
  std::vector<double> probabilities;
  for (std::size_t i = 0; i < size(); ++i) {
    probabilities.clear();
    for (const float logit : logits(i)) probabilities.push_back(static_cast<double>(logit) * inverse_temperature);
    softmax(probabilities);
    double sum = 0.0;
    std::size_t token = 0;
    std::size_t likely = 0;
    for (const double p : probabilities) {
      if (p > 0.0) likely = token;  // the rounded sum may end a little below 1
      sum += p;
      if (static_cast<double>(uniforms[i]) < sum) break;
      ++token;
    }
    is_valid = is_valid && std::isfinite(sum);
    tokens[i] = static_cast<Token>(likely);
  }
  return is_valid;
}

}  // namespace microgpt::exact
