// SPDX-License-Identifier: MIT
#include "inference/class_weights.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace microgpt {
namespace {

constexpr double kMaxNats = 1e9;  // for which a document counts as impossible
constexpr double kDefaultWeight = 0.5;

}  // namespace

ClassWeights default_class_weights(std::size_t classes) {
  ClassWeights weights{{}, {}, 0.0, std::vector<double>(classes), std::vector<double>(classes)};
  weights.in_all[static_cast<std::size_t>(PredictorKind::mixture)] = kDefaultWeight;
  return weights;
}

EvidenceTerms terms_of(const Evidence& evidence, std::size_t class_index, std::size_t predictor) {
  const double logarithm = -std::min(evidence.nats[class_index][predictor], kMaxNats);
  return {logarithm, logarithm / static_cast<double>(evidence.positions)};
}

std::vector<double> class_scores(const ClassWeights& weights, const Evidence& evidence) {
  assert(weights.classes() == evidence.nats.size());
  std::vector<double> scores;
  for (std::size_t c = 0; c < weights.classes(); ++c) {
    double score = weights.base[c] + weights.length_weight[c] * static_cast<double>(evidence.positions);
    for (std::size_t k = 0; k < kPredictors; ++k) {
      const EvidenceTerms terms = terms_of(evidence, c, k);
      score += weights.in_all[k] * terms.in_all + weights.per_position[k] * terms.per_position;
    }
    if (!evidence.linear.empty()) score += weights.linear * evidence.linear[c];
    scores.push_back(score);
  }
  return scores;
}

std::vector<double> class_scores(PredictorKind predictor, const Evidence& evidence) {
  std::vector<double> scores;
  for (std::size_t c = 0; c < evidence.nats.size(); ++c)
    scores.push_back(terms_of(evidence, c, static_cast<std::size_t>(predictor)).in_all);
  return scores;
}

std::vector<double> class_log_probabilities(std::span<const double> scores, std::span<const double> shares) {
  assert(scores.size() == shares.size());
  std::vector<double> logits;
  for (std::size_t c = 0; c < scores.size(); ++c) logits.push_back(scores[c] + std::log(shares[c]));
  const double most = *std::max_element(logits.begin(), logits.end());
  double sum = 0.0;
  for (const double logit : logits) sum += std::exp(logit - most);
  const double normaliser = most + std::log(sum);
  for (double& logit : logits) logit -= normaliser;
  return logits;
}

}  // namespace microgpt
