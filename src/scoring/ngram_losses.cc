// SPDX-License-Identifier: MIT
#include "scoring/ngram_losses.h"

#include <cmath>

#include "scoring/unseen.h"

namespace microgpt {

// What is unseen is fed on as BOS, and as a target it stands for any: its loss is not the model's.
std::span<const double> NgramLosses::of(const ScoredPart& part) {
  const auto bos = static_cast<Token>(model_.vocab_size() - 1);
  if (part.first == 0) context_ = model_.start();
  losses_.clear();
  for (const Token target : part.targets) {
    const NgramModel::Step step = model_.step(context_, target == kUnseen ? bos : target);
    losses_.push_back(target == kUnseen ? unseen_loss(model_.vocab_size()) : -std::log(step.probability));
    context_ = step.next;
  }
  return losses_;
}

}  // namespace microgpt
