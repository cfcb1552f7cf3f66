// SPDX-License-Identifier: MIT
// Where attention looks: what engines keep to themselves, from gpt.h itself. Slow: engines are what computes losses.
#pragma once

#include <span>
#include <vector>

#include "microgpt/config.h"
#include "microgpt/token.h"

namespace microgpt::graph {

// weights[head][i][t]: what position i takes of position t <= i; a row adds up to 1.
using AttentionWeights = std::vector<std::vector<std::vector<double>>>;

// Of the last layer. REQUIRES: parameters in table order; 1 to block_size tokens, each below vocab_size.
AttentionWeights attention_weights(const Config& config, std::span<const double> parameters, std::span<const Token> tokens);

}  // namespace microgpt::graph
