// SPDX-License-Identifier: MIT
#include "scoring/comparison.h"

#include "scoring/mixture.h"

namespace microgpt {

ComparisonTally::ComparisonTally(Token bos, const Baseline& baseline)
    : model_(bos), ngram_(bos), mixture_(bos), share_(baseline.share) {
  if (baseline.ngram != nullptr) ngram_losses_.emplace(*baseline.ngram);
}

void ComparisonTally::add(const ScoredPart& part) {
  model_.add(part);
  if (!ngram_losses_) return;
  ScoredPart other = part;
  other.losses = ngram_losses_->of(part);
  ngram_.add(other);
  if (!share_) return;
  mixed_.resize(part.losses.size());
  mix_losses(other.losses, part.losses, *share_, mixed_);
  other.losses = mixed_;
  mixture_.add(other);
}

Comparison ComparisonTally::comparison() const {
  Comparison comparison{model_.evaluation(), std::nullopt, std::nullopt};
  if (ngram_losses_) comparison.ngram = ngram_.evaluation();
  if (ngram_losses_ && share_) comparison.mixture = mixture_.evaluation();
  return comparison;
}

}  // namespace microgpt
