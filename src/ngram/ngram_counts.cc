// SPDX-License-Identifier: MIT
#include "ngram/ngram_counts.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <numeric>
#include <utility>

namespace microgpt {
namespace {

using Node = NgramTrie::Node;
using Positions = std::vector<std::uint32_t>;  // indices of documents.tokens()

// The positions ordered by their keys, which are below `keys`; those of one key stay in order. Counting sort.
template <typename KeyOf>
Positions sorted_by(const Positions& positions, std::size_t keys, KeyOf key_of) {
  std::vector<std::uint32_t> begins(keys + 1, 0);
  for (const std::uint32_t i : positions) ++begins[key_of(i) + 1];
  std::partial_sum(begins.begin(), begins.end(), begins.begin());
  Positions sorted(positions.size());
  for (const std::uint32_t i : positions) sorted[begins[key_of(i)]++] = i;
  return sorted;
}

// Goes through the documents once for each length of n-grams, and knows at each position the n-gram that ends there.
class Counting {
 public:
  Counting(const NgramDocuments& documents, NgramTrie& trie, std::vector<std::uint32_t>& occurrences)
      : tokens_(documents.tokens()), trie_(trie), occurrences_(occurrences), begins_document_(tokens_.size(), false) {
    for (std::size_t d = 0; d < documents.size(); ++d) begins_document_[documents.offsets()[d]] = true;
    Positions all(tokens_.size());
    std::iota(all.begin(), all.end(), 0U);
    by_token_ = sorted_by(all, documents.vocab_size(), [&](std::uint32_t i) { return static_cast<std::size_t>(tokens_[i]); });
    count_tokens();
  }

  // One token longer: an n-gram is the one that ends at the position before, which is its parent, and the position's token.
  void count_next_level() {
    const std::size_t parents = trie_.levels();
    const Node first = trie_.begin(parents);
    const Positions sorted =
        sorted_by(by_token_, trie_.end(parents) - first, [&](std::uint32_t i) { return parent(i) - first; });
    std::vector<Node> longer(tokens_.size());
    trie_.add_level();
    const std::uint32_t* before = nullptr;
    for (const std::uint32_t& i : sorted) {
      const bool is_new = before == nullptr || parent(*before) != parent(i) || tokens_[*before] != tokens_[i];
      longer[i] = is_new ? append(i) : longer[*before];
      count(i, longer[i]);
      before = &i;
    }
    ngrams_ = std::move(longer);
  }

 private:
  void count_tokens() {
    occurrences_.assign(trie_.size(), 0);
    ngrams_.resize(tokens_.size());
    for (std::uint32_t i = 0; i < tokens_.size(); ++i) {
      ngrams_[i] = trie_.token_node(tokens_[i]);
      count(i, ngrams_[i]);
    }
  }

  // A document's first BOS is context only.
  void count(std::uint32_t i, Node node) {
    if (!begins_document_[i]) ++occurrences_[node];
  }

  // To the left of the first BOS are others, so that the n-grams which end there, and at the position before it, are equal.
  Node parent(std::uint32_t i) const { return begins_document_[i] ? ngrams_[i] : ngrams_[i - 1]; }

  Node append(std::uint32_t i) {
    occurrences_.push_back(0);
    return trie_.append(parent(i), tokens_[i], ngrams_[i]);
  }

  std::span<const Token> tokens_;
  NgramTrie& trie_;
  std::vector<std::uint32_t>& occurrences_;
  std::vector<bool> begins_document_;
  Positions by_token_;
  std::vector<Node> ngrams_;  // of the last level, for each position the one that ends there
};

}  // namespace

NgramCounts::NgramCounts(const NgramDocuments& documents, std::size_t max_order, std::size_t max_ngrams)
    : trie_(documents.vocab_size()) {
  assert(max_order >= 1 && max_order <= kMaxNgramOrder);
  Counting counting(documents, trie_, occurrences_);
  while (trie_.levels() < max_order && trie_.size() < max_ngrams) counting.count_next_level();
  continuations_.assign(trie_.size(), 0);
  for (std::size_t level = 2; level <= trie_.levels(); ++level) add_continuations(trie_, level, occurrences_, continuations_);
}

std::vector<std::uint32_t> NgramCounts::for_order(std::size_t order) const {
  assert(order >= 1 && order <= max_order());
  std::vector<std::uint32_t> counts(continuations_.begin(), continuations_.begin() + trie_.begin(order));
  counts.insert(counts.end(), occurrences_.begin() + trie_.begin(order), occurrences_.begin() + trie_.end(order));
  return counts;
}

void add_continuations(const NgramTrie& trie, std::size_t level, const std::vector<std::uint32_t>& occurrences,
                       std::vector<std::uint32_t>& counts) {
  for (Node node = trie.begin(level); node < trie.end(level); ++node)
    if (occurrences[node] > 0) ++counts[trie.suffix(node)];
}

Discounts::Discounts(std::span<const std::uint32_t> counts) {
  std::array<double, kMax + 2> n{};
  for (const std::uint32_t count : counts)
    if (count < n.size()) n[count] += 1.0;
  const double y = n[1] / (n[1] + 2.0 * n[2]);
  for (std::size_t k = 1; k <= kMax; ++k) {
    const auto count = static_cast<double>(k);
    const double discount = count - (count + 1.0) * y * n[k + 1] / n[k];
    const bool is_defined = n[1] > 0.0 && n[2] > 0.0 && n[k] > 0.0 && n[k + 1] > 0.0;
    discounts_[k] = is_defined && discount > 0.0 ? discount : count / 2.0;
  }
}

}  // namespace microgpt
