// SPDX-License-Identifier: MIT
// The parameters as the matrices of the model: microgpt.py's `state_dict`, for either kind of scalar.
//
// Nothing is copied: a Matrix is a window on the flat parameters in table order.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/graph/value.h"
#include "microgpt/parameters.h"

namespace microgpt::graph {

// All parameters in table order: the first leaves of a tape, as nodes or as plain numbers.
template <Scalar S>
struct Parameters;

template <>
struct Parameters<Value> {
  Tape* tape;
  Value operator[](std::size_t i) const { return {tape, static_cast<Tape::Index>(i)}; }
};

template <>
struct Parameters<Number> {
  const Tape* tape;
  Number operator[](std::size_t i) const { return {tape->data(static_cast<Tape::Index>(i))}; }
};

template <Scalar S>
struct Row {
  Parameters<S> parameters;
  std::size_t offset;
  std::size_t columns;

  std::size_t size() const { return columns; }
  S operator[](std::size_t i) const { return parameters[offset + i]; }
};

template <Scalar S>
struct Matrix {
  Parameters<S> parameters;
  const Tensor* tensor;

  std::size_t rows() const { return tensor->rows; }
  Row<S> operator[](std::size_t row) const { return {parameters, tensor->offset + row * tensor->columns, tensor->columns}; }
};

template <Scalar S>
struct LayerWeights {
  Matrix<S> attn_wq;  // [n_embd][n_embd]
  Matrix<S> attn_wk;  // [n_embd][n_embd]
  Matrix<S> attn_wv;  // [n_embd][n_embd]
  Matrix<S> attn_wo;  // [n_embd][n_embd]
  Matrix<S> mlp_fc1;  // [hidden_dim][n_embd]
  Matrix<S> mlp_fc2;  // [n_embd][hidden_dim]
};

template <Scalar S>
struct Weights {
  Config config;
  Matrix<S> wte;      // [vocab_size][n_embd]
  Matrix<S> wpe;      // [block_size][n_embd]
  Matrix<S> lm_head;  // [vocab_size][n_embd]
  std::vector<LayerWeights<S>> layers;
};

// The table and the parameters must outlive the result.
template <Scalar S>
Weights<S> make_weights(const Config& config, const ParameterTable& table, Parameters<S> parameters) {
  const auto matrix = [&](std::string_view name) { return Matrix<S>{parameters, &table.find(name)}; };
  Weights<S> weights{config, matrix("wte"), matrix("wpe"), matrix("lm_head"), {}};
  for (std::size_t layer = 0; layer < config.n_layer; ++layer) {
    const auto layer_matrix = [&](std::string_view name) { return matrix(layer_tensor(layer, name)); };
    weights.layers.push_back({layer_matrix("attn_wq"), layer_matrix("attn_wk"), layer_matrix("attn_wv"),
                              layer_matrix("attn_wo"), layer_matrix("mlp_fc1"), layer_matrix("mlp_fc2")});
  }
  return weights;
}

}  // namespace microgpt::graph
