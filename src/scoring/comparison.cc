// SPDX-License-Identifier: MIT
#include "scoring/comparison.h"

namespace microgpt {

ComparisonTally::ComparisonTally(Token bos, const NgramModel* ngram) : model_(bos), ngram_(bos), mixture_(bos) {
  if (ngram != nullptr) ngram_losses_.emplace(*ngram);
}

void ComparisonTally::add(const ScoredPart& part) {
  model_.add(part);
  ScoredPart other = part;
  if (ngram_losses_) {
    other.losses = ngram_losses_->of(part);
    ngram_.add(other);
  }
  has_mixture_ = !part.mixed.empty();
  if (!has_mixture_) return;
  other.losses = part.mixed;
  mixture_.add(other);
}

Comparison ComparisonTally::comparison() const {
  Comparison comparison{model_.evaluation(), std::nullopt, std::nullopt};
  if (ngram_losses_) comparison.ngram = ngram_.evaluation();
  if (has_mixture_) comparison.mixture = mixture_.evaluation();
  return comparison;
}

}  // namespace microgpt
