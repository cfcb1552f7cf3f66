// SPDX-License-Identifier: MIT
#include "ngram/ngram_model.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <utility>

namespace microgpt {

NgramModel::NgramModel(const NgramCounts& counts, std::size_t order)
    : NgramModel(counts.trie().first_levels(order), counts.for_order(order)) {}

NgramModel::NgramModel(NgramTrie trie, std::vector<std::uint32_t> counts)
    : trie_(std::move(trie)),
      counts_(std::move(counts)),
      probabilities_(trie_.size()),
      backoffs_(trie_.begin(order())),
      evidence_(trie_.begin(order())) {
  assert(counts_.size() == trie_.size());
  for (std::size_t level = 1; level <= order(); ++level) weigh_level(level);
}

// The probabilities of the n-grams of a level, and the backoffs of the contexts they go on from.
void NgramModel::weigh_level(std::size_t level) {
  const std::span<const std::uint32_t> counts(counts_);
  const Discounts discounts(counts.subspan(trie_.begin(level), trie_.end(level) - trie_.begin(level)));
  for (Node context = trie_.begin(level - 1); context < trie_.end(level - 1); ++context) weigh_children(context, discounts);
}

void NgramModel::weigh_children(Node context, const Discounts& discounts) {
  const Node begin = trie_.first_child(context);
  const Node end = trie_.first_child(context + 1);
  double total = 0.0;
  double withheld = 0.0;
  for (Node node = begin; node < end; ++node) {
    total += static_cast<double>(counts_[node]);
    withheld += discounts.of(counts_[node]);
  }
  evidence_[context] = static_cast<std::uint8_t>(
      std::min(kMostEvidence - 1, static_cast<std::size_t>(std::bit_width(static_cast<std::uint64_t>(total)))));
  if (total == 0.0) total = withheld = 1.0;  // nothing was counted: all is left to the shorter context
  backoffs_[context] = withheld / total;
  const double uniform = 1.0 / static_cast<double>(vocab_size());
  for (Node node = begin; node < end; ++node) {
    const double shorter = context == NgramTrie::kRoot ? uniform : probabilities_[trie_.suffix(node)];
    const double kept = static_cast<double>(counts_[node]) - discounts.of(counts_[node]);
    probabilities_[node] = kept / total + backoffs_[context] * shorter;
  }
}

std::size_t NgramModel::length(Context context) const {
  std::size_t length = 0;
  while (context.node_ >= trie_.end(length)) ++length;
  return length;
}

NgramModel::Context NgramModel::start() const {
  Node node = NgramTrie::kRoot;
  const auto bos = static_cast<Token>(vocab_size() - 1);
  for (std::size_t i = 1; i < order(); ++i) node = longest_context(predict(node, bos).ngram);
  return Context(node);
}

NgramModel::Context NgramModel::next(Context context, Token token) const {
  return Context(longest_context(predict(context.node_, token).ngram));
}

NgramModel::Step NgramModel::step(Context context, Token token) const {
  const Prediction prediction = predict(context.node_, token);
  return {prediction.probability, Context(longest_context(prediction.ngram))};
}

double NgramModel::probability(Context context, Token token) const { return predict(context.node_, token).probability; }

NgramModel::Prediction NgramModel::predict(Node context, Token token) const {
  if (const auto node = trie_.find_child(context, token)) return {probabilities_[*node], *node};
  const Prediction shorter = predict(trie_.suffix(context), token);
  return {backoffs_[context] * shorter.probability, shorter.ngram};
}

// The n-gram itself or an end of it: the longest after which a token was seen.
NgramModel::Node NgramModel::longest_context(Node ngram) const {
  while (ngram != NgramTrie::kRoot && !trie_.has_children(ngram)) ngram = trie_.suffix(ngram);
  return ngram;
}

void NgramModel::distribution(Context context, std::span<double> probabilities) const {
  assert(probabilities.size() == vocab_size());
  fill(context.node_, probabilities);
}

void NgramModel::fill(Node context, std::span<double> probabilities) const {
  if (context != NgramTrie::kRoot) {
    fill(trie_.suffix(context), probabilities);
    for (double& p : probabilities) p = backoffs_[context] * p;
  }
  for (Node node = trie_.first_child(context); node < trie_.first_child(context + 1); ++node)
    probabilities[static_cast<std::size_t>(trie_.token(node))] = probabilities_[node];
}

void NgramModel::append_losses(std::span<const Token> document, std::vector<double>& losses) const {
  Node context = start().node_;
  for (const Token token : document.subspan(1)) {
    const Prediction prediction = predict(context, token);
    losses.push_back(-std::log(prediction.probability));
    context = longest_context(prediction.ngram);
  }
}

double NgramModel::mean_loss(const NgramDocuments& documents) const {
  assert(documents.size() > 0 && documents.vocab_size() == vocab_size());
  double sum = 0.0;
  std::size_t count = 0;
  std::vector<double> losses;
  for (std::size_t d = 0; d < documents.size(); ++d) {
    losses.clear();
    append_losses(documents[d], losses);
    for (const double loss : losses) sum += loss;
    count += losses.size();
  }
  return sum / static_cast<double>(count);
}

}  // namespace microgpt
