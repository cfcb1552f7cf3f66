// SPDX-License-Identifier: MIT
// Where attention looks: what engines keep to themselves, from gpt.h itself. Slow: engines are what computes losses.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/graph/graph_weights.h"
#include "engine/graph/tape.h"
#include "microgpt/config.h"
#include "microgpt/parameters.h"
#include "microgpt/token.h"

namespace microgpt::graph {

// weights[head][i][t]: what position i takes of position t <= i; a row adds up to 1.
using AttentionWeights = std::vector<std::vector<std::vector<double>>>;

class AttentionPass {
 public:
  // Copies the parameters, which are in table order: 25 bytes for each.
  AttentionPass(const Config& config, std::span<const double> parameters);

  AttentionPass(const AttentionPass&) = delete;
  AttentionPass& operator=(const AttentionPass&) = delete;

  // Of the layers from `first_layer` on. REQUIRES: 1 to block_size tokens, each below vocab_size; first_layer < n_layer.
  std::vector<AttentionWeights> run_from(std::size_t first_layer, std::span<const Token> tokens) const;

  // Of the last layer. REQUIRES: as above.
  AttentionWeights run(std::span<const Token> tokens) const { return run_from(config_.n_layer - 1, tokens).back(); }

 private:
  Config config_;
  ParameterTable table_;
  Tape tape_;  // of the parameters
  Weights<Number> weights_;
};

}  // namespace microgpt::graph
