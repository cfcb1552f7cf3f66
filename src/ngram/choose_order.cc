// SPDX-License-Identifier: MIT
#include "ngram/choose_order.h"

#include <cassert>
#include <utility>

#include "ngram/ngram_counts.h"

namespace microgpt {

ChosenNgramModel choose_ngram_model(const NgramDocuments& training, const NgramDocuments& validation) {
  assert(training.size() > 0 && validation.size() > 0 && training.vocab_size() == validation.vocab_size());
  const NgramCounts counts(different_documents(training));
  NgramModel best(counts, 1);
  std::vector<double> losses{best.mean_loss(validation)};
  double least = losses.front();
  for (std::size_t order = 2; order <= counts.max_order(); ++order) {
    NgramModel model(counts, order);
    losses.push_back(model.mean_loss(validation));
    if (losses.back() < least) {
      least = losses.back();
      best = std::move(model);
    }
  }
  return {std::move(best), std::move(losses)};
}

}  // namespace microgpt
