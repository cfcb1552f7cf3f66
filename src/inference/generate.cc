// SPDX-License-Identifier: MIT
#include "inference/generate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

#include "microgpt/error.h"

namespace microgpt {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Numbers that can be put in order, one of them finite.
bool can_be_ranked(std::span<const float> logits) {
  return std::all_of(logits.begin(), logits.end(), [](float x) { return x < kInfinity; }) &&
         std::any_of(logits.begin(), logits.end(), [](float x) { return x > -kInfinity; });
}

// How many of the tokens, from the likeliest down, are the nucleus.
std::size_t nucleus(double top_p, double temperature, std::span<const float> logits, std::span<const std::size_t> ranked) {
  const auto largest = static_cast<double>(logits[ranked.front()]);
  const auto weight = [&](std::size_t token) { return std::exp((static_cast<double>(logits[token]) - largest) / temperature); };
  double total = 0.0;
  for (const std::size_t token : ranked) total += weight(token);
  double sum = 0.0;
  std::size_t size = 0;
  while (size < ranked.size() && sum < top_p * total) sum += weight(ranked[size++]);
  return size;
}

// How many of the tokens, from the likeliest down, have at least that share of the likeliest one's probability.
std::size_t likely_ones(double min_p, double temperature, std::span<const float> logits, std::span<const std::size_t> ranked) {
  const auto largest = static_cast<double>(logits[ranked.front()]);
  const auto is_likely = [&](std::size_t token) {
    return std::exp((static_cast<double>(logits[token]) - largest) / temperature) >= min_p;
  };
  return static_cast<std::size_t>(std::find_if_not(ranked.begin(), ranked.end(), is_likely) - ranked.begin());
}

Token next_token(std::span<const double> logits, double temperature, PythonRandom& random) {
  if (temperature == 0.0) return static_cast<Token>(std::max_element(logits.begin(), logits.end()) - logits.begin());
  const std::vector<double> probabilities = next_token_probabilities(logits, temperature);
  if (!std::isfinite(probabilities.front()))  // one that is no number makes all of them none
    throw Error(
        fmt::format("at a temperature of {} the probabilities are not numbers any more; choose a higher one", temperature));
  return static_cast<Token>(random.choice(probabilities));
}

}  // namespace

void apply(const TokenFilter& filter, double temperature, std::span<float> logits, std::vector<std::size_t>& order) {
  if (!filter.leaves_out_any() || temperature == 0.0 || !can_be_ranked(logits)) return;
  order.resize(logits.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto is_likelier = [&](std::size_t a, std::size_t b) { return logits[a] != logits[b] ? logits[a] > logits[b] : a < b; };
  std::size_t kept = std::min(filter.top_k.value_or(order.size()), order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(), is_likelier);
  if (filter.top_p < 1.0) kept = nucleus(filter.top_p, temperature, logits, std::span(order).first(kept));
  if (filter.min_p > 0.0) kept = likely_ones(filter.min_p, temperature, logits, std::span(order).first(kept));
  for (const std::size_t token : std::span(order).subspan(kept)) logits[token] = -kInfinity;
}

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
