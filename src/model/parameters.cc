// SPDX-License-Identifier: MIT
#include "microgpt/parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

namespace microgpt {

ParameterTable::ParameterTable(const Config& config) {
  const std::size_t width = config.n_embd;
  append("wte", config.vocab_size, width);
  append("wpe", config.block_size, width);
  append("lm_head", config.vocab_size, width);
  for (std::size_t layer = 0; layer < config.n_layer; ++layer) {
    append(layer_tensor(layer, "attn_wq"), width, width);
    append(layer_tensor(layer, "attn_wk"), width, width);
    append(layer_tensor(layer, "attn_wv"), width, width);
    append(layer_tensor(layer, "attn_wo"), width, width);
    append(layer_tensor(layer, "mlp_fc1"), config.hidden_dim(), width);
    append(layer_tensor(layer, "mlp_fc2"), width, config.hidden_dim());
  }
}

void ParameterTable::append(std::string name, std::size_t rows, std::size_t columns) {
  tensors_.push_back({std::move(name), rows, columns, parameter_count_});
  parameter_count_ += rows * columns;
}

const Tensor& ParameterTable::find(std::string_view name) const {
  const auto found = std::find_if(tensors_.begin(), tensors_.end(), [&](const Tensor& t) { return t.name == name; });
  assert(found != tensors_.end());
  return *found;
}

std::string ParameterTable::name_of(std::size_t index) const {
  assert(index < parameter_count_);
  const auto after = std::find_if(tensors_.begin(), tensors_.end(), [&](const Tensor& t) { return t.offset > index; });
  const Tensor& tensor = *std::prev(after);
  const std::size_t within = index - tensor.offset;
  return fmt::format("{}[{}][{}]", tensor.name, within / tensor.columns, within % tensor.columns);
}

std::string layer_tensor(std::size_t layer, std::string_view name) { return fmt::format("layer{}.{}", layer, name); }

}  // namespace microgpt
