// SPDX-License-Identifier: MIT
#include "ngram/ngram_trie.h"

#include <algorithm>

namespace microgpt {

NgramTrie::NgramTrie(std::size_t vocab_size) : vocab_size_(vocab_size), level_begins_{kRoot}, tokens_{0}, suffixes_{kRoot} {
  assert(vocab_size >= 2);
  add_level();
  for (std::size_t token = 0; token < vocab_size; ++token) append(kRoot, static_cast<Token>(token), kRoot);
}

std::optional<NgramTrie::Node> NgramTrie::find_among(Node begin, Node end, Token token) const {
  const auto first = tokens_.begin() + begin;
  const auto last = tokens_.begin() + end;
  constexpr std::ptrdiff_t kFew = 8;  // that are looked at one after another
  const auto found = last - first <= kFew ? std::find(first, last, token) : std::lower_bound(first, last, token);
  if (found == last || *found != token) return std::nullopt;
  return static_cast<Node>(found - tokens_.begin());
}

void NgramTrie::reserve(std::size_t nodes) {
  first_children_.reserve(nodes);
  tokens_.reserve(nodes);
  suffixes_.reserve(nodes);
}

}  // namespace microgpt
