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
      next_(trie_.size()),
      evidence_(trie_.begin(order())) {
  assert(counts_.size() == trie_.size());
  for (std::size_t level = 1; level <= order(); ++level) weigh_level(level);
  find_contexts();
  keep_short_contexts();
}

// The n-gram itself or an end of it: the longest after which a token was seen. A suffix is of the level before.
void NgramModel::find_contexts() {
  for (Node node = 0; node < next_.size(); ++node)
    next_[node] = node == NgramTrie::kRoot || trie_.has_children(node) ? node : next_[trie_.suffix(node)];
}

// Whole levels, so that the shorter context of each is among them; that of no token always is.
void NgramModel::keep_short_contexts() {
  std::size_t level = 0;
  while (level + 1 < order() && trie_.end(level + 1) * vocab_size() <= kMaxDense) ++level;
  dense_end_ = trie_.end(level);
  dense_probabilities_.resize(dense_end_ * vocab_size());
  dense_next_.resize(dense_probabilities_.size());
  for (Node context = 0; context < dense_end_; ++context) {
    const std::size_t row = context * vocab_size();
    if (context != NgramTrie::kRoot) {
      const std::size_t shorter = trie_.suffix(context) * vocab_size();
      for (std::size_t token = 0; token < vocab_size(); ++token) {
        dense_probabilities_[row + token] = backoffs_[context] * dense_probabilities_[shorter + token];
        dense_next_[row + token] = dense_next_[shorter + token];
      }
    }
    for (Node node = trie_.first_child(context); node < trie_.first_child(context + 1); ++node) {
      const std::size_t at = row + static_cast<std::size_t>(trie_.token(node));
      dense_probabilities_[at] = probabilities_[node];
      dense_next_[at] = next_[node];
    }
  }
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
      std::min(kMaxEvidence - 1, static_cast<std::size_t>(std::bit_width(static_cast<std::uint64_t>(total)))));
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
  for (std::size_t i = 1; i < order(); ++i) node = predict(node, bos).next.node_;
  return Context(node);
}

NgramModel::Context NgramModel::next(Context context, Token token) const {
  Node node = context.node_;
  while (node >= dense_end_) {
    if (const auto ngram = trie_.find_child(node, token)) return Context(next_[*ngram]);
    node = trie_.suffix(node);
  }
  return Context(dense_next_[node * vocab_size() + static_cast<std::size_t>(token)]);
}

double NgramModel::probability(Context context, Token token) const { return step(context, token).probability; }

NgramModel::Step NgramModel::step(Context context, Token token) const { return predict(context.node_, token); }

NgramModel::Step NgramModel::predict(Node context, Token token) const {
  if (context < dense_end_) {
    const std::size_t at = context * vocab_size() + static_cast<std::size_t>(token);
    return {dense_probabilities_[at], Context(dense_next_[at])};
  }
  if (const auto node = trie_.find_child(context, token)) return {probabilities_[*node], Context(next_[*node])};
  const Step shorter = predict(trie_.suffix(context), token);
  return {backoffs_[context] * shorter.probability, shorter.next};
}

void NgramModel::distribution(Context context, std::span<double> probabilities) const {
  assert(probabilities.size() == vocab_size());
  fill(context.node_, probabilities);
}

void NgramModel::fill(Node context, std::span<double> probabilities) const {
  if (context < dense_end_) {
    const std::span<const double> kept = dense(context);
    std::copy(kept.begin(), kept.end(), probabilities.begin());
    return;
  }
  fill(trie_.suffix(context), probabilities);
  for (double& p : probabilities) p = backoffs_[context] * p;
  for (Node node = trie_.first_child(context); node < trie_.first_child(context + 1); ++node)
    probabilities[static_cast<std::size_t>(trie_.token(node))] = probabilities_[node];
}

void NgramModel::append_losses(std::span<const Token> document, std::vector<double>& losses) const {
  Context context = start();
  for (const Token token : document.subspan(1)) {
    const Step taken = step(context, token);
    losses.push_back(-std::log(taken.probability));
    context = taken.next;
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
