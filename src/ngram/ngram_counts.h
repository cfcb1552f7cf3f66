// SPDX-License-Identifier: MIT
// How often each n-gram occurs, and after how many different tokens: all that Kneser-Ney models of every order are made from.
//
// An n-gram occurs where its last token is one that a model predicts: any of a document but the first, BOS. To the left of the
// document is BOS, as often as is asked for, so that every such position has an n-gram of every length.
//
// Of an n-gram there are two counts. A model of order n, where it is among the longest, takes the number of its occurrences; a
// model of a higher order takes the continuation count: how many different tokens stand before it. Neither depends on the
// order of the model, so that one counting serves all.
//
// Time: a few passes over the tokens for each length. Memory: some 20 bytes a token while counting, and 20 bytes a different
// n-gram. The same documents give the same counts. Does not change after it is made; any number of threads may read it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ngram/ngram_documents.h"
#include "ngram/ngram_trie.h"

namespace microgpt {

class NgramCounts {
 public:
  // Where there are kMaxNgrams different n-grams or more, no longer ones are counted. REQUIRES: 1 <= max_order <=
  // kMaxNgramOrder.
  static constexpr std::size_t kMaxNgrams = std::size_t{1} << 24;
  explicit NgramCounts(const NgramDocuments& documents, std::size_t max_order = kMaxNgramOrder,
                       std::size_t max_ngrams = kMaxNgrams);

  std::size_t max_order() const { return trie_.levels(); }

  // All n-grams of up to max_order() tokens that occur, and those of BOS alone.
  const NgramTrie& trie() const { return trie_; }

  // For each node of the trie's first levels what a model of this order takes: occurrences in the last level, continuation
  // counts in those before, 0 for the root. REQUIRES: 1 <= order <= max_order().
  std::vector<std::uint32_t> for_order(std::size_t order) const;

 private:
  NgramTrie trie_;
  std::vector<std::uint32_t> occurrences_;    // [nodes]
  std::vector<std::uint32_t> continuations_;  // [nodes]; not yet known in the last level
};

// Adds to each suffix of a level's n-grams how many of them occur: counts[suffix] becomes its continuation count.
// REQUIRES: level >= 2; the counts of the level before are 0.
void add_continuations(const NgramTrie& trie, std::size_t level, const std::vector<std::uint32_t>& occurrences,
                       std::vector<std::uint32_t>& counts);

// The discounts of modified Kneser-Ney smoothing, from counts of counts.
//
// Of what was counted once, twice, and three times or more a constant D1, D2, D3+ is withheld. With n1 to n4 the numbers of
// n-grams that were counted 1 to 4 times, and Y = n1 / (n1 + 2 n2),
//     D1 = 1 - 2 Y n2 / n1,   D2 = 2 - 3 Y n3 / n2,   D3+ = 3 - 4 Y n4 / n3.
// Source: Chen and Goodman, "An empirical study of smoothing techniques for language modeling", 1999, section 2.8.
//
// Few n-grams, or many tokens among few different ones, have counts of counts for which this is undefined or withholds nothing.
// A discount is taken from the formula only if each n in it is positive and it is above 0 itself; otherwise it is k / 2, where
// k is the smallest count it is taken from. So something of every context is always left for the shorter one, and no discount
// is more than the count.
class Discounts {
 public:
  // From the counts of all n-grams of one length; those that are 0 do not matter.
  explicit Discounts(std::span<const std::uint32_t> counts);

  // 0 for a count of 0.
  double of(std::uint32_t count) const { return discounts_[count < kMax ? count : kMax]; }

 private:
  static constexpr std::uint32_t kMax = 3;

  std::array<double, kMax + 1> discounts_{};
};

}  // namespace microgpt
