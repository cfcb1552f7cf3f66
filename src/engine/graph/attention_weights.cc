// SPDX-License-Identifier: MIT
#include "engine/graph/attention_weights.h"

#include <cstddef>

#include "engine/graph/gpt.h"
#include "engine/graph/graph_weights.h"
#include "engine/graph/tape.h"
#include "microgpt/parameters.h"

namespace microgpt::graph {

AttentionWeights attention_weights(const Config& config, std::span<const double> parameters, std::span<const Token> tokens) {
  const ParameterTable table(config);
  Tape tape;
  tape.reserve(parameters.size());
  for (const double parameter : parameters) tape.leaf(parameter);
  const Weights<Number> weights = make_weights(config, table, Parameters<Number>{&tape});
  KeyValueCache<Number> cache(config.n_layer);
  AttentionWeights last_layer(config.n_head);
  const auto observe = [&](std::size_t layer, std::size_t head, const std::vector<Number>& row) {
    if (layer + 1 < config.n_layer) return;
    std::vector<double>& numbers = last_layer[head].emplace_back();
    for (const Number weight : row) numbers.push_back(weight.data());
  };
  for (std::size_t i = 0; i < tokens.size(); ++i) gpt(weights, tokens[i], i, cache, NoDropout{}, observe);
  return last_layer;
}

}  // namespace microgpt::graph
