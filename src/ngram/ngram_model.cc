// SPDX-License-Identifier: MIT
#include "ngram/ngram_model.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <utility>

namespace microgpt {
namespace {

void fetch_line(const void* address) { __builtin_prefetch(address); }

// In blocks of a known size, which compilers make into vectors.
void scale(std::span<double> numbers, double factor) {
  constexpr std::size_t kBlock = 8;
  double* at = numbers.data();
  std::size_t left = numbers.size();
  for (; left >= kBlock; left -= kBlock, at += kBlock)
    for (std::size_t i = 0; i < kBlock; ++i) at[i] *= factor;
  for (; left > 0; --left) *at++ *= factor;
}

}  // namespace

NgramModel::NgramModel(const NgramCounts& counts, std::size_t order)
    : NgramModel(counts.trie(), order, counts.for_order(order)) {}

NgramModel::NgramModel(const NgramTrie& trie, std::size_t order, std::vector<std::uint32_t> counts)
    : vocab_size_(trie.vocab_size()), counts_(std::move(counts)) {
  for (std::size_t level = 0; level <= order; ++level) level_ends_.push_back(trie.end(level));
  assert(counts_.size() == level_ends_.back());
  const Node contexts = trie.begin(order);
  ngrams_.reserve(level_ends_.back());
  contexts_.reserve(contexts + 1);
  evidence_.reserve(contexts);
  ngrams_.push_back({1.0, NgramTrie::kRoot, 0});
  for (std::size_t level = 1; level <= order; ++level) weigh_level(trie, level);
  contexts_.push_back({1.0, level_ends_.back(), NgramTrie::kRoot});
  find_contexts(trie);
  keep_short_contexts();
  const auto bos = static_cast<Token>(vocab_size() - 1);
  for (std::size_t i = 1; i < order; ++i) start_ = predict(start_, bos).next.node_;
}

NgramTrie NgramModel::trie() const {
  NgramTrie trie(vocab_size());
  trie.reserve(ngrams_.size());
  for (std::size_t level = 1; level < order(); ++level) {
    trie.add_level();
    for (Node parent = level_ends_[level - 1]; parent < level_ends_[level]; ++parent)
      for (const Ngram& ngram : children(parent))
        trie.append(parent, ngram.token, static_cast<Node>(find_child(contexts_[parent].suffix, ngram.token) - ngrams_.data()));
  }
  return trie;
}

// The n-gram itself or an end of it: the longest after which a token was seen. A suffix is of the level before.
void NgramModel::find_contexts(const NgramTrie& trie) {
  for (Node node = 0; node < ngrams_.size(); ++node)
    ngrams_[node].next = node == NgramTrie::kRoot || has_children(node) ? node : ngrams_[trie.suffix(node)].next;
}

// Whole levels, so that the shorter context of each is among them; that of no token always is.
void NgramModel::keep_short_contexts() {
  std::size_t level = 0;
  while (level + 1 < order() && level_ends_[level + 1] * vocab_size() <= kMaxDense) ++level;
  dense_end_ = level_ends_[level];
  dense_probabilities_.resize(dense_end_ * vocab_size());
  dense_next_.resize(dense_probabilities_.size());
  for (Node context = 0; context < dense_end_; ++context) {
    const std::size_t row = context * vocab_size();
    if (context != NgramTrie::kRoot) {
      const std::size_t shorter = contexts_[context].suffix * vocab_size();
      for (std::size_t token = 0; token < vocab_size(); ++token) {
        dense_probabilities_[row + token] = contexts_[context].backoff * dense_probabilities_[shorter + token];
        dense_next_[row + token] = dense_next_[shorter + token];
      }
    }
    for (const Ngram& ngram : children(context)) {
      const std::size_t at = row + static_cast<std::size_t>(ngram.token);
      dense_probabilities_[at] = ngram.probability;
      dense_next_[at] = ngram.next;
    }
  }
}

// The probabilities of the n-grams of a level, and the backoffs of the contexts they go on from: both in their order.
void NgramModel::weigh_level(const NgramTrie& trie, std::size_t level) {
  const std::span<const std::uint32_t> counts(counts_);
  const Discounts discounts(counts.subspan(trie.begin(level), trie.end(level) - trie.begin(level)));
  for (Node context = trie.begin(level - 1); context < trie.end(level - 1); ++context) weigh_children(trie, context, discounts);
}

void NgramModel::weigh_children(const NgramTrie& trie, Node context, const Discounts& discounts) {
  const Node begin = trie.first_child(context);
  const Node end = trie.first_child(context + 1);
  double total = 0.0;
  double withheld = 0.0;
  for (Node node = begin; node < end; ++node) {
    total += static_cast<double>(counts_[node]);
    withheld += discounts.of(counts_[node]);
  }
  const auto digits = static_cast<std::size_t>(std::bit_width(static_cast<std::uint64_t>(total)));
  evidence_.push_back(static_cast<std::uint8_t>(std::min(kMaxEvidence - 1, digits)));
  if (total == 0.0) total = withheld = 1.0;  // nothing was counted: all is left to the shorter context
  const double backoff = withheld / total;
  contexts_.push_back({backoff, begin, context == NgramTrie::kRoot ? context : trie.suffix(context)});
  const double uniform = 1.0 / static_cast<double>(vocab_size());
  for (Node node = begin; node < end; ++node) {
    constexpr Node kAhead = 16;
    if (node + kAhead < level_ends_.back()) fetch_line(ngrams_.data() + trie.suffix(node + kAhead));
    const double shorter = context == NgramTrie::kRoot ? uniform : ngrams_[trie.suffix(node)].probability;
    const double kept = static_cast<double>(counts_[node]) - discounts.of(counts_[node]);
    ngrams_.push_back({kept / total + backoff * shorter, node, trie.token(node)});
  }
}

const NgramModel::Ngram* NgramModel::find_child(Node context, Token token) const {
  const std::span<const Ngram> among = children(context);
  constexpr std::size_t kFew = 8;  // that are looked at one after another
  const Ngram* found = among.data();
  const Ngram* const end = found + among.size();
  if (among.size() <= kFew)
    while (found != end && found->token != token) ++found;
  else
    found = std::lower_bound(found, end, token, [](const Ngram& ngram, Token sought) { return ngram.token < sought; });
  return found != end && found->token == token ? found : nullptr;
}

void NgramModel::fetch(Context context) const { fetch_line(&contexts_[context.node_]); }

void NgramModel::fetch_children(Context context) const {
  if (context.node_ < dense_end_) return fetch_line(dense_probabilities_.data() + context.node_ * vocab_size());
  const ContextNode& node = contexts_[context.node_];
  fetch_line(ngrams_.data() + node.first_child);
  fetch_line(&contexts_[node.suffix]);
}

std::size_t NgramModel::length(Context context) const {
  std::size_t length = 0;
  while (context.node_ >= level_ends_[length]) ++length;
  return length;
}

NgramModel::Context NgramModel::next(Context context, Token token) const {
  Node node = context.node_;
  while (node >= dense_end_) {
    if (const Ngram* const ngram = find_child(node, token)) return Context(ngram->next);
    node = contexts_[node].suffix;
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
  if (const Ngram* const ngram = find_child(context, token)) return {ngram->probability, Context(ngram->next)};
  const Step shorter = predict(contexts_[context].suffix, token);
  return {contexts_[context].backoff * shorter.probability, shorter.next};
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
  fill(contexts_[context].suffix, probabilities);
  scale(probabilities, contexts_[context].backoff);
  for (const Ngram& ngram : children(context)) probabilities[static_cast<std::size_t>(ngram.token)] = ngram.probability;
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
