// SPDX-License-Identifier: MIT
#include "inference/pair_figures.h"

#include <cstddef>
#include <vector>

#include "inference/classifier.h"
#include "training/evaluation.h"

namespace microgpt {
namespace {

// Of documents of which each kind's nats are known.
std::vector<double> ratios(const std::vector<double>& of_positive, const std::vector<double>& of_negative) {
  std::vector<double> ratios;
  for (std::size_t d = 0; d < of_positive.size(); ++d) ratios.push_back(log_likelihood_ratio(of_positive[d], of_negative[d]));
  return ratios;
}

}  // namespace

Roc roc_of_pair(const PairPredictor& positive, const PairPredictor& negative, const TokenizedDocuments& positives,
                const TokenizedDocuments& negatives) {
  const auto of = [&](const TokenizedDocuments& documents) {
    return ratios(document_nats(positive.engine, documents, positive.mixture),
                  document_nats(negative.engine, documents, negative.mixture));
  };
  return {of(positives), of(negatives)};
}

Roc roc_of_pair(const NgramModel& positive, const NgramModel& negative, const TokenizedDocuments& positives,
                const TokenizedDocuments& negatives) {
  const auto of = [&](const TokenizedDocuments& documents) {
    return ratios(document_nats(positive, documents), document_nats(negative, documents));
  };
  return {of(positives), of(negatives)};
}

}  // namespace microgpt
