// SPDX-License-Identifier: MIT
#include "scoring/ngram_scorer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "scoring/token_scorer.h"

namespace microgpt {
namespace {

constexpr std::size_t kMaxWaiting = 4096;

}  // namespace

// What is unseen is fed on as BOS, and as a target it stands for any: its loss is not the model's.
std::span<const double> NgramLosses::of(const ScoredPart& part) {
  losses_.clear();
  if (!part.by_ngram.empty()) {
    for (std::size_t i = 0; i < part.targets.size(); ++i)
      losses_.push_back(part.targets[i] == kUnseen ? unseen_loss(model_.vocab_size()) : -std::log(part.by_ngram[i]));
    return losses_;
  }
  const auto bos = static_cast<Token>(model_.vocab_size() - 1);
  if (part.first == 0) context_ = model_.start();
  for (const Token target : part.targets) {
    const NgramModel::Step step = model_.step(context_, target == kUnseen ? bos : target);
    losses_.push_back(target == kUnseen ? unseen_loss(model_.vocab_size()) : -std::log(step.probability));
    context_ = step.next;
  }
  return losses_;
}

NgramScorer::NgramScorer(const NgramModel& model, Sink sink, bool with_expected)
    : model_(model), sink_(std::move(sink)), unseen_loss_(unseen_loss(model.vocab_size())), with_expected_(with_expected) {}

// A document's first token is given. What is unseen is fed on as BOS.
void NgramScorer::append(std::span<const Token> tokens) {
  const auto bos = static_cast<Token>(model_.vocab_size() - 1);
  for (const Token token : tokens) {
    if (!context_) {
      context_ = token == bos ? model_.start() : model_.next(model_.start(), token == kUnseen ? bos : token);
      continue;
    }
    if (targets_.size() == kMaxWaiting) hand_over(false);
    if (with_expected_) expected_.push_back(expected_after(*context_));
    const auto [probability, next] = model_.step(*context_, token == kUnseen ? bos : token);
    targets_.push_back(token);
    losses_.push_back(token == kUnseen ? unseen_loss_ : -std::log(probability));
    context_ = next;
  }
}

void NgramScorer::end_document() {
  hand_over(true);
  context_.reset();
  position_ = 0;
  ++document_;
}

void NgramScorer::hand_over(bool ends_document) {
  sink_({document_, position_, targets_, losses_, ends_document, {}, expected_});
  position_ += targets_.size();
  targets_.clear();
  losses_.clear();
  expected_.clear();
}

ExpectedLoss NgramScorer::expected_after(NgramModel::Context context) {
  probabilities_.resize(model_.vocab_size());
  model_.distribution(context, probabilities_);
  double mean = 0.0, square = 0.0;
  for (const double p : probabilities_) {
    const double loss = -std::log(p);
    mean += p * loss;
    square += p * loss * loss;
  }
  return {mean, std::max(0.0, square - mean * mean)};
}

}  // namespace microgpt
