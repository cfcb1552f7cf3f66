// SPDX-License-Identifier: MIT
// The GPT and its loss, as microgpt.py writes them: one scalar at a time.
//
// This is the file to read beside microgpt.py. Every line stands for a line there, and the order of each sum and of each
// operation's arguments is part of the result: the order decides the rounding, and the arguments' order decides in which
// order gradients are added up.
//
// What microgpt.py does not have is dropout: without it there is no node for it.
//
// S is Value for a graph with gradients, or Number for the same bits without.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "engine/dropout.h"
#include "engine/graph/graph_weights.h"
#include "engine/graph/value.h"
#include "microgpt/config.h"
#include "microgpt/token.h"

namespace microgpt::graph {

// term(0) + term(1) + ... as Python's sum() adds them: onto the number 0, in ascending order.
template <typename Term>
auto sum(std::size_t n, Term term) {
  auto total = 0.0 + term(0);
  for (std::size_t i = 1; i < n; ++i) total = total + term(i);
  return total;
}

// y_o = sum_i w[o][i] * x[i]; x: [columns of w], result: [rows of w].
template <Scalar S>
std::vector<S> linear(const std::vector<S>& x, const Matrix<S>& w) {
  std::vector<S> y;
  y.reserve(w.rows());
  for (std::size_t o = 0; o < w.rows(); ++o) {
    const Row<S> row = w[o];
    y.push_back(sum(x.size(), [&](std::size_t i) { return row[i] * x[i]; }));
  }
  return y;
}

// Probabilities in proportion to e^logit. The largest logit is taken off as a constant, lest exp overflow.
template <Scalar S>
std::vector<S> softmax(const std::vector<S>& logits) {
  double max_val = logits[0].data();
  for (const S logit : logits) max_val = logit.data() > max_val ? logit.data() : max_val;
  std::vector<S> exps;
  exps.reserve(logits.size());
  for (const S logit : logits) exps.push_back(exp(logit - max_val));
  const S total = sum(exps.size(), [&](std::size_t i) { return exps[i]; });
  std::vector<S> probs;
  probs.reserve(logits.size());
  for (const S e : exps) probs.push_back(e / total);
  return probs;
}

// x scaled to a mean square of 1; no gain (Zhang and Sennrich 2019).
template <Scalar S>
std::vector<S> rmsnorm(const std::vector<S>& x) {
  const S ms = sum(x.size(), [&](std::size_t i) { return x[i] * x[i]; }) / static_cast<double>(x.size());
  const S scale = pow(ms + 1e-5, -0.5);
  std::vector<S> y;
  y.reserve(x.size());
  for (const S xi : x) y.push_back(xi * scale);
  return y;
}

// a + b, element by element; each a vector or a row of a matrix.
template <Scalar S, typename A, typename B>
std::vector<S> elementwise_sum(const A& a, const B& b) {
  std::vector<S> y;
  y.reserve(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) y.push_back(a[i] + b[i]);
  return y;
}

template <Scalar S>
S activate(S x, Activation activation) {
  return activation == Activation::relu ? relu(x) : pow(relu(x), 2.0);
}

// The keys and values of the positions so far: keys[layer][position][feature].
template <Scalar S>
struct KeyValueCache {
  using History = std::vector<std::vector<S>>;

  explicit KeyValueCache(std::size_t n_layer) : keys(n_layer), values(n_layer) {}

  std::vector<History> keys;
  std::vector<History> values;
};

// What one head takes from the positions so far: its features of `values`, weighted by how well `q` fits their keys.
// `first` is the head's first feature. Appends head_dim features to `x_attn`, and returns the weights.
template <Scalar S>
std::vector<S> attend(const std::vector<S>& q, const std::vector<std::vector<S>>& keys,
                      const std::vector<std::vector<S>>& values, std::size_t first, std::size_t head_dim,
                      std::vector<S>& x_attn) {
  std::vector<S> attn_logits;
  attn_logits.reserve(keys.size());
  for (const std::vector<S>& k : keys)
    attn_logits.push_back(sum(head_dim, [&](std::size_t j) { return q[first + j] * k[first + j]; }) /
                          std::pow(static_cast<double>(head_dim), 0.5));
  std::vector<S> attn_weights = softmax(attn_logits);
  for (std::size_t j = 0; j < head_dim; ++j)
    x_attn.push_back(sum(values.size(), [&](std::size_t t) { return attn_weights[t] * values[t][first + j]; }));
  return attn_weights;
}

struct NoObserver {
  template <Scalar S>
  void operator()(std::size_t, std::size_t, const std::vector<S>&) const {}
};

struct NoDropout {
  template <Scalar S>
  void operator()(std::vector<S>&, DropoutSite, std::size_t) const {}
};

// Of one document of a batch. Each value is multiplied by what the mask says, be it 0, so that all graphs are alike.
struct DocumentDropout {
  const DropoutMask& mask;
  std::size_t document;

  template <Scalar S>
  void operator()(std::vector<S>& x, DropoutSite site, std::size_t pos_id) const {
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] = x[i] * (mask.keeps({document, pos_id, site, i}, x.size()) ? mask.scale() : 0.0);
  }
};

// The logits of what follows `token_id` at position `pos_id`, [vocab_size]. The cache holds the positions before it.
// `observe(layer, head, attn_weights)` is called for each head.
template <Scalar S, typename Drop = NoDropout, typename Observe = NoObserver>
std::vector<S> gpt(const Weights<S>& weights, Token token_id, std::size_t pos_id, KeyValueCache<S>& cache, Drop drop = {},
                   Observe observe = {}) {
  const Config& config = weights.config;
  std::vector<S> x = elementwise_sum<S>(weights.wte[static_cast<std::size_t>(token_id)], weights.wpe[pos_id]);
  drop(x, embedding_site(), pos_id);
  x = rmsnorm(x);
  for (std::size_t li = 0; li < config.n_layer; ++li) {
    const LayerWeights<S>& layer = weights.layers[li];
    // Multi-head attention.
    std::vector<S> x_residual = x;
    x = rmsnorm(x);
    const std::vector<S> q = linear(x, layer.attn_wq);
    cache.keys[li].push_back(linear(x, layer.attn_wk));
    cache.values[li].push_back(linear(x, layer.attn_wv));
    std::vector<S> x_attn;
    x_attn.reserve(config.n_embd);
    for (std::size_t h = 0; h < config.n_head; ++h)
      observe(li, h, attend(q, cache.keys[li], cache.values[li], h * config.head_dim(), config.head_dim(), x_attn));
    x = linear(x_attn, layer.attn_wo);
    drop(x, attention_site(li), pos_id);
    x = elementwise_sum<S>(x, x_residual);
    // Multilayer perceptron.
    x_residual = x;
    x = rmsnorm(x);
    x = linear(x, layer.mlp_fc1);
    for (S& xi : x) xi = activate(xi, config.activation);
    x = linear(x, layer.mlp_fc2);
    drop(x, mlp_site(li), pos_id);
    x = elementwise_sum<S>(x, x_residual);
  }
  return linear(x, weights.lm_head);
}

// The loss of one document: the mean of -ln P(target) over its positions from `context` on. After each position
// `observe(pos_id, logits, probs, loss)` is called.
template <Scalar S, typename Observer, typename Drop = NoDropout>
S document_loss(const Weights<S>& weights, std::span<const Token> inputs, std::span<const Token> targets, std::size_t context,
                Observer observe, Drop drop = {}) {
  KeyValueCache<S> cache(weights.config.n_layer);
  std::vector<S> losses;
  const std::size_t n = inputs.size();
  losses.reserve(n);
  for (std::size_t pos_id = 0; pos_id < n; ++pos_id) {
    const std::vector<S> logits = gpt(weights, inputs[pos_id], pos_id, cache, drop);
    const std::vector<S> probs = softmax(logits);
    const S loss_t = -log(probs[static_cast<std::size_t>(targets[pos_id])]);
    if (pos_id >= context) losses.push_back(loss_t);
    observe(pos_id, logits, probs, loss_t);
  }
  return (1.0 / static_cast<double>(losses.size())) * sum(losses.size(), [&](std::size_t i) { return losses[i]; });
}

}  // namespace microgpt::graph
