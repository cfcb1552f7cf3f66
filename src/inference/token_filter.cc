// SPDX-License-Identifier: MIT
#include "inference/token_filter.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

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

}  // namespace

void apply(const TokenFilter& filter, double temperature, std::span<float> logits, std::vector<std::size_t>& order) {
  if (!filter.leaves_out_any() || temperature == 0.0 || !can_be_ranked(logits)) return;
  order.resize(logits.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto is_likelier = [&](std::size_t a, std::size_t b) { return logits[a] != logits[b] ? logits[a] > logits[b] : a < b; };
  std::size_t kept = std::min(filter.top_k.value_or(order.size()), order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(), is_likelier);
  if (filter.top_p < 1.0) kept = nucleus(filter.top_p, temperature, logits, std::span(order).first(kept));
  for (const std::size_t token : std::span(order).subspan(kept)) logits[token] = -kInfinity;
}

}  // namespace microgpt
