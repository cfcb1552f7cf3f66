// SPDX-License-Identifier: MIT
// Small models with parameters that are large enough for every part of the gradient to be seen.
#pragma once

#include <cstdint>
#include <vector>

#include "microgpt/token.h"
#include "model/initialize.h"
#include "text/batch.h"

namespace microgpt::testing {

inline std::vector<double> random_parameters(const Config& config, std::uint64_t seed, double std = 0.3) {
  PythonRandom random(seed);
  return initial_parameters(ParameterTable(config), {std, std}, random);
}

// A document of `positions` positions: BOS, then tokens that repeat themselves now and then.
inline std::vector<Token> random_document(const Config& config, std::size_t positions, PythonRandom& random) {
  const auto bos = static_cast<Token>(config.vocab_size - 1);
  std::vector<Token> tokens{bos};
  while (tokens.size() < positions) tokens.push_back(static_cast<Token>(random.randbelow(config.vocab_size - 1)));
  tokens.push_back(bos);
  return tokens;
}

inline Batch random_batch(const Config& config, const std::vector<std::size_t>& positions, std::uint64_t seed) {
  PythonRandom random(seed);
  Batch batch;
  for (const std::size_t n : positions) batch.append(random_document(config, n, random), config.block_size);
  return batch;
}

// Shapes in which every dimension is 1 somewhere, and some are odd, prime or unequal.
inline std::vector<Config> small_shapes() {
  return {
      {.vocab_size = 5, .n_layer = 1, .n_embd = 4, .n_head = 2, .block_size = 4},
      {.vocab_size = 2, .n_layer = 1, .n_embd = 1, .n_head = 1, .block_size = 3},
      {.vocab_size = 3, .n_layer = 2, .n_embd = 6, .n_head = 3, .block_size = 1},
      {.vocab_size = 7, .n_layer = 3, .n_embd = 6, .n_head = 2, .block_size = 5},
      {.vocab_size = 4, .n_layer = 2, .n_embd = 5, .n_head = 5, .block_size = 6},
      {.vocab_size = 6, .n_layer = 1, .n_embd = 10, .n_head = 1, .block_size = 4, .activation = Activation::squared_relu},
      {.vocab_size = 9, .n_layer = 2, .n_embd = 4, .n_head = 1, .block_size = 5, .activation = Activation::squared_relu},
  };
}

}  // namespace microgpt::testing
