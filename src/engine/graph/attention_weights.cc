// SPDX-License-Identifier: MIT
#include "engine/graph/attention_weights.h"

#include <cstddef>

#include "engine/graph/gpt.h"

namespace microgpt::graph {

AttentionPass::AttentionPass(const Config& config, std::span<const double> parameters)
    : config_(config), table_(config), weights_(make_weights(config, table_, Parameters<Number>{&tape_})) {
  tape_.reserve(parameters.size());
  for (const double parameter : parameters) tape_.leaf(parameter);
}

std::vector<AttentionWeights> AttentionPass::run_from(std::size_t first_layer, std::span<const Token> tokens) const {
  KeyValueCache<Number> cache(config_.n_layer);
  std::vector<AttentionWeights> layers(config_.n_layer - first_layer, AttentionWeights(config_.n_head));
  const auto observe = [&](std::size_t layer, std::size_t head, const std::vector<Number>& row) {
    if (layer < first_layer) return;
    std::vector<double>& numbers = layers[layer - first_layer][head].emplace_back();
    for (const Number weight : row) numbers.push_back(weight.data());
  };
  for (std::size_t i = 0; i < tokens.size(); ++i) gpt(weights_, tokens[i], i, cache, NoDropout{}, observe);
  return layers;
}

}  // namespace microgpt::graph
