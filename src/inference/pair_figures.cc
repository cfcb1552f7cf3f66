// SPDX-License-Identifier: MIT
#include "inference/pair_figures.h"

#include <cstddef>
#include <vector>

#include "inference/classifier.h"
#include "training/evaluation.h"

namespace microgpt {
namespace {

template <typename Predictor>
std::vector<double> ratios(Predictor& positive, Predictor& negative, const TokenizedDocuments& documents) {
  std::vector<double> ratios = document_nats(negative, documents);
  const std::vector<double> of_positive = document_nats(positive, documents);
  for (std::size_t d = 0; d < ratios.size(); ++d) ratios[d] = log_likelihood_ratio(of_positive[d], ratios[d]);
  return ratios;
}

}  // namespace

Roc roc_of_pair(Engine& positive, Engine& negative, const TokenizedDocuments& positives, const TokenizedDocuments& negatives) {
  return {ratios(positive, negative, positives), ratios(positive, negative, negatives)};
}

Roc roc_of_pair(const NgramModel& positive, const NgramModel& negative, const TokenizedDocuments& positives,
                const TokenizedDocuments& negatives) {
  return {ratios(positive, negative, positives), ratios(positive, negative, negatives)};
}

}  // namespace microgpt
