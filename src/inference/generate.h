// New documents, one token after another.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "microgpt/engine.h"
#include "random/python_random.h"

namespace microgpt {

// The probabilities of the next token: the softmax of logits / temperature, in the order of operations of microgpt.py.
// REQUIRES: temperature > 0.
std::vector<double> next_token_probabilities(std::span<const double> logits, double temperature);

// One document as microgpt.py samples it: from BOS up to, not including, the next BOS, or block_size tokens.
// Throws Error where the probabilities are not numbers any more (a temperature too close to 0).
std::vector<Token> generate(Engine& engine, Token bos, double temperature, PythonRandom& random);

}  // namespace microgpt
