// SPDX-License-Identifier: MIT
// Where each matrix lies in a flat buffer in table order, be it parameters or their gradient.
#pragma once

#include <vector>

#include "microgpt/parameters.h"

namespace microgpt::exact {

// `T` is double or const double.
template <typename T>
struct LayerWeights {
  T* attn_wq;  // [n_embd][n_embd]
  T* attn_wk;  // [n_embd][n_embd]
  T* attn_wv;  // [n_embd][n_embd]
  T* attn_wo;  // [n_embd][n_embd]
  T* mlp_fc1;  // [hidden_dim][n_embd]
  T* mlp_fc2;  // [n_embd][hidden_dim]
};

template <typename T>
struct Weights {
  Weights(const Config& config, const ParameterTable& table, T* buffer) {
    const auto matrix = [&](std::string_view name) { return buffer + table.find(name).offset; };
    wte = matrix("wte");
    wpe = matrix("wpe");
    lm_head = matrix("lm_head");
    for (std::size_t layer = 0; layer < config.n_layer; ++layer) {
      const auto layer_matrix = [&](std::string_view name) { return matrix(layer_tensor(layer, name)); };
      layers.push_back({layer_matrix("attn_wq"), layer_matrix("attn_wk"), layer_matrix("attn_wv"), layer_matrix("attn_wo"),
                        layer_matrix("mlp_fc1"), layer_matrix("mlp_fc2")});
    }
  }

  T* wte;      // [vocab_size][n_embd]
  T* wpe;      // [block_size][n_embd]
  T* lm_head;  // [vocab_size][n_embd]
  std::vector<LayerWeights<T>> layers;
};

}  // namespace microgpt::exact
