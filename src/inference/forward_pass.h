// SPDX-License-Identifier: MIT
// The GPT once more, a document at once and in plain double precision, for what engines keep to themselves: where attention
// looks. Slow and short; engines are what computes losses.
#pragma once

#include <span>
#include <vector>

#include "microgpt/config.h"
#include "microgpt/tokenizer.h"

namespace microgpt {

// attention[head][i][t]: what position i takes of position t <= i; a row adds up to 1.
using AttentionWeights = std::vector<std::vector<std::vector<double>>>;

struct ForwardPass {
  std::vector<std::vector<double>> logits;  // [position][vocab_size]
  AttentionWeights attention;               // of the last layer
};

// REQUIRES: parameters in table order; 1 to block_size tokens, each below vocab_size.
ForwardPass forward_pass(const Config& config, std::span<const double> parameters, std::span<const Token> tokens);

}  // namespace microgpt
