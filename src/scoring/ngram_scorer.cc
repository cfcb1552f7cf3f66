// SPDX-License-Identifier: MIT
#include "scoring/ngram_scorer.h"

#include <cmath>
#include <utility>

#include "scoring/token_scorer.h"

namespace microgpt {
namespace {

constexpr std::size_t kMaxWaiting = 4096;

}  // namespace

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

NgramScorer::NgramScorer(const NgramModel& model, Sink sink)
    : model_(model), sink_(std::move(sink)), unseen_loss_(unseen_loss(model.vocab_size())) {}

// A document's first token is given. What is unseen is fed on as BOS.
void NgramScorer::append(std::span<const Token> tokens) {
  const auto bos = static_cast<Token>(model_.vocab_size() - 1);
  for (const Token token : tokens) {
    if (!context_) {
      context_ = token == bos ? model_.start() : model_.next(model_.start(), token == kUnseen ? bos : token);
      continue;
    }
    if (targets_.size() == kMaxWaiting) {
      sink_({document_, position_, targets_, losses_, false});
      position_ += targets_.size();
      targets_.clear();
      losses_.clear();
    }
    const auto [probability, next] = model_.step(*context_, token == kUnseen ? bos : token);
    targets_.push_back(token);
    losses_.push_back(token == kUnseen ? unseen_loss_ : -std::log(probability));
    context_ = next;
  }
}

void NgramScorer::end_document() {
  sink_({document_, position_, targets_, losses_, true});
  targets_.clear();
  losses_.clear();
  context_.reset();
  position_ = 0;
  ++document_;
}

}  // namespace microgpt
