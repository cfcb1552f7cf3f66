// SPDX-License-Identifier: MIT
// What TokenFilter leaves of a distribution, as the papers have it: probabilities, sorted, cut and divided by their sum.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include "inference/generate.h"

namespace microgpt::testing {

inline void renormalize(std::vector<double>& probabilities) {
  const double sum = std::accumulate(probabilities.begin(), probabilities.end(), 0.0);
  for (double& p : probabilities) p /= sum;
}

// Token numbers from the likeliest down.
inline std::vector<std::size_t> ranked(const std::vector<double>& probabilities) {
  std::vector<std::size_t> order(probabilities.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return probabilities[a] > probabilities[b]; });
  return order;
}

inline std::vector<double> filtered_distribution(std::vector<double> probabilities, const TokenFilter& filter) {
  const std::vector<std::size_t> order = ranked(probabilities);
  for (std::size_t rank = 0; rank < order.size(); ++rank)
    if (filter.top_k && rank >= *filter.top_k) probabilities[order[rank]] = 0.0;
  renormalize(probabilities);
  double sum = 0.0;
  for (const std::size_t token : order) {
    const bool stays = filter.top_p == 1.0 || sum < filter.top_p;
    sum += probabilities[token];
    if (!stays) probabilities[token] = 0.0;
  }
  renormalize(probabilities);
  return probabilities;
}

}  // namespace microgpt::testing
