// SPDX-License-Identifier: MIT
#include "inference/forward_pass.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <string_view>

#include "microgpt/parameters.h"

namespace microgpt {
namespace {

using Vector = std::vector<double>;

struct Matrix {
  std::span<const double> elements;
  std::size_t columns;

  std::span<const double> row(std::size_t r) const { return elements.subspan(r * columns, columns); }
  std::size_t rows() const { return elements.size() / columns; }
};

double dot(std::span<const double> a, std::span<const double> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

Vector linear(std::span<const double> x, const Matrix& w) {
  Vector y(w.rows());
  for (std::size_t o = 0; o < y.size(); ++o) y[o] = dot(w.row(o), x);
  return y;
}

Vector sum_of(std::span<const double> a, std::span<const double> b) {
  Vector y(a.begin(), a.end());
  for (std::size_t i = 0; i < y.size(); ++i) y[i] += b[i];
  return y;
}

Vector rmsnorm(Vector x) {
  const double scale = 1.0 / std::sqrt(dot(x, x) / static_cast<double>(x.size()) + 1e-5);
  for (double& xi : x) xi *= scale;
  return x;
}

void softmax(Vector& x) {
  const double largest = *std::max_element(x.begin(), x.end());
  for (double& xi : x) xi = std::exp(xi - largest);
  const double total = std::accumulate(x.begin(), x.end(), 0.0);
  for (double& xi : x) xi /= total;
}

class Forward {
 public:
  Forward(const Config& config, std::span<const double> parameters)
      : config_(config), table_(config), parameters_(parameters) {}

  ForwardPass run(std::span<const Token> tokens) {
    std::vector<Vector> x;
    for (std::size_t i = 0; i < tokens.size(); ++i)
      x.push_back(rmsnorm(sum_of(matrix("wte").row(static_cast<std::size_t>(tokens[i])), matrix("wpe").row(i))));
    for (std::size_t layer = 0; layer < config_.n_layer; ++layer) {
      attend(layer, x);
      for (Vector& xi : x) xi = sum_of(xi, mlp(layer, rmsnorm(xi)));
    }
    ForwardPass pass{{}, std::move(attention_)};
    for (const Vector& xi : x) pass.logits.push_back(linear(xi, matrix("lm_head")));
    return pass;
  }

 private:
  Matrix matrix(std::string_view name) const {
    const Tensor& tensor = table_.find(name);
    return {parameters_.subspan(tensor.offset, tensor.size()), tensor.columns};
  }
  Matrix matrix(std::size_t layer, std::string_view name) const { return matrix(layer_tensor(layer, name)); }

  // Adds what the layer's attention makes of x, and leaves its weights in attention_.
  void attend(std::size_t layer, std::vector<Vector>& x) {
    std::vector<Vector> q, k, v;
    for (const Vector& xi : x) {
      const Vector normed = rmsnorm(xi);
      q.push_back(linear(normed, matrix(layer, "attn_wq")));
      k.push_back(linear(normed, matrix(layer, "attn_wk")));
      v.push_back(linear(normed, matrix(layer, "attn_wv")));
    }
    attention_.assign(config_.n_head, {});
    for (std::size_t i = 0; i < x.size(); ++i) {
      Vector taken;
      for (std::size_t head = 0; head < config_.n_head; ++head) take(head, q[i], k, v, i, taken);
      x[i] = sum_of(x[i], linear(taken, matrix(layer, "attn_wo")));
    }
  }

  // Appends what the head takes for position i of the positions up to it.
  void take(std::size_t head, std::span<const double> q, const std::vector<Vector>& k, const std::vector<Vector>& v,
            std::size_t i, Vector& taken) {
    const std::size_t size = config_.head_dim();
    const auto of_head = [&](std::span<const double> x) { return x.subspan(head * size, size); };
    Vector weights;
    for (std::size_t t = 0; t <= i; ++t)
      weights.push_back(dot(of_head(q), of_head(k[t])) / std::sqrt(static_cast<double>(size)));
    softmax(weights);
    Vector features(size, 0.0);
    for (std::size_t t = 0; t <= i; ++t)
      for (std::size_t j = 0; j < size; ++j) features[j] += weights[t] * of_head(v[t])[j];
    taken.insert(taken.end(), features.begin(), features.end());
    attention_[head].push_back(std::move(weights));
  }

  Vector mlp(std::size_t layer, const Vector& x) const {
    Vector hidden = linear(x, matrix(layer, "mlp_fc1"));
    for (double& h : hidden) {
      h = std::max(h, 0.0);
      if (config_.activation == Activation::squared_relu) h *= h;
    }
    return linear(hidden, matrix(layer, "mlp_fc2"));
  }

  const Config& config_;
  ParameterTable table_;
  std::span<const double> parameters_;
  AttentionWeights attention_;
};

}  // namespace

ForwardPass forward_pass(const Config& config, std::span<const double> parameters, std::span<const Token> tokens) {
  return Forward(config, parameters).run(tokens);
}

}  // namespace microgpt
