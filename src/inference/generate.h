// SPDX-License-Identifier: MIT
// New documents, one token after another.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "microgpt/engine.h"
#include "microgpt/token.h"
#include "random/python_random.h"

namespace microgpt {

// The probabilities of the next token: the softmax of logits / temperature, in the order of operations of microgpt.py.
// REQUIRES: temperature > 0.
std::vector<double> next_token_probabilities(std::span<const double> logits, double temperature);

// One document as microgpt.py samples it: from BOS up to, not including, the next BOS, or block_size tokens. It begins with the
// tokens of `prompt`, if there are any, and goes on from there. A temperature of 0 is greedy: always the likeliest token, of
// equally likely ones the first, and nothing is drawn.
// Throws Error where the probabilities are not numbers any more (a temperature too close to 0).
// REQUIRES: temperature >= 0; the prompt has fewer than block_size tokens, none of them BOS.
std::vector<Token> generate(Engine& engine, Token bos, double temperature, PythonRandom& random,
                            std::span<const Token> prompt = {});

}  // namespace microgpt
