// SPDX-License-Identifier: MIT
#include "engine/loss.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <vector>

namespace microgpt {

MeanLoss mean_loss(Engine& engine, const Batch& batch) {
  const std::vector<double> losses = engine.losses(batch);
  double sum_of_means = 0.0;
  double sum = 0.0;
  for (std::size_t d = 0; d < batch.documents(); ++d) {
    const std::size_t n = batch.counted(d);
    const auto document = std::span(losses).subspan(batch.offsets[d] + batch.context_of(d), n);
    const double document_sum = std::accumulate(document.begin(), document.end(), 0.0);
    sum_of_means += document_sum / static_cast<double>(n);
    sum += document_sum;
  }
  return {sum_of_means / static_cast<double>(batch.documents()), sum / static_cast<double>(batch.counted_positions())};
}

double loss_of(std::span<const float> logits, Token target) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0.0;
  for (const float logit : logits) sum += std::exp(static_cast<double>(logit) - largest);
  return std::log(sum) + largest - static_cast<double>(logits[static_cast<std::size_t>(target)]);
}

ExpectedLoss expected_loss_of(std::span<const float> logits) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0.0, first = 0.0, second = 0.0;
  for (const float logit : logits) {
    const double d = static_cast<double>(logit) - largest;
    const double e = std::exp(d);
    sum += e;
    first += e * d;
    second += e * d * d;
  }
  const double mean = first / sum;
  return {std::log(sum) - mean, std::max(0.0, second / sum - mean * mean)};
}

double uniform_loss(std::size_t vocab_size) { return std::log(static_cast<double>(vocab_size)); }

std::string remedy_for_divergence(bool is_clipped) {
  return fmt::format("training has diverged; begin again with a lower --learning-rate{}",
                     is_clipped ? "" : ", or with --clip 1");
}

}  // namespace microgpt
