// SPDX-License-Identifier: MIT
#include "inference/generate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>

#include "microgpt/error.h"

namespace microgpt {
namespace {

Token next_token(std::span<const double> logits, double temperature, PythonRandom& random) {
  if (temperature == 0.0) return static_cast<Token>(std::max_element(logits.begin(), logits.end()) - logits.begin());
  const std::vector<double> probabilities = next_token_probabilities(logits, temperature);
  if (!std::isfinite(probabilities.front()))  // one that is no number makes all of them none
    throw Error(
        fmt::format("at a temperature of {} the probabilities are not numbers any more; choose a higher one", temperature));
  return static_cast<Token>(random.choice(probabilities));
}

}  // namespace

// As in microgpt.py, a division is a product with a power of -1, and the largest logit is added negated.
std::vector<double> next_token_probabilities(std::span<const double> logits, double temperature) {
  const double inverse_temperature = std::pow(temperature, -1.0);
  std::vector<double> probabilities;
  probabilities.reserve(logits.size());
  for (const double logit : logits) probabilities.push_back(logit * inverse_temperature);
  const double largest = *std::max_element(probabilities.begin(), probabilities.end());
  double total = 0.0;
  for (double& p : probabilities) {
    p = std::exp(p + -largest);
    total += p;
  }
  const double inverse_total = std::pow(total, -1.0);
  for (double& p : probabilities) p *= inverse_total;
  return probabilities;
}

std::vector<Token> generate(Engine& engine, Token bos, double temperature, PythonRandom& random,
                            std::span<const Token> prompt) {
  assert(prompt.size() < engine.config().block_size);
  const std::unique_ptr<Stream> stream = engine.open_stream();
  std::vector<Token> tokens;
  Token token = bos;
  for (std::size_t position = 0; position < engine.config().block_size; ++position) {
    const std::span<const double> logits = stream->feed(token);
    token = position < prompt.size() ? prompt[position] : next_token(logits, temperature, random);
    if (token == bos) break;
    tokens.push_back(token);
  }
  return tokens;
}

}  // namespace microgpt
