// SPDX-License-Identifier: MIT
// Which n-grams there are: a trie whose nodes lie level by level in flat arrays.
//
// A node is an n-gram, and its level is how many tokens it has. Node 0, the root, is the empty one; the nodes 1 to vocab_size
// are the single tokens in their order, all of them. Each further level follows the one before, and is sorted: the children of
// a node, which are the n-grams that go on from it by one token, lie side by side, ascending by their last tokens, and in the
// order of their parents. So two numbers find a node's children, and one more level needs no pointer.
//
// The suffix of a node is the n-gram without its first token: a node of the level before, which must exist.
//
// Memory: 12 bytes a node. A trie that is not being built may be read by any number of threads.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "microgpt/token.h"
#include "simd/large_pages.h"

namespace microgpt {

inline constexpr std::size_t kMaxNgramOrder = 12;

class NgramTrie {
 public:
  using Node = std::uint32_t;

  static constexpr Node kRoot = 0;
  static constexpr std::size_t kMaxNodes = UINT32_MAX;

  // The root and the single tokens. REQUIRES: vocab_size >= 2.
  explicit NgramTrie(std::size_t vocab_size);

  std::size_t vocab_size() const { return vocab_size_; }
  std::size_t levels() const { return level_begins_.size() - 1; }  // the root's not counted
  std::size_t size() const { return tokens_.size(); }              // nodes

  // A level's nodes are begin(level) up to, not including, end(level). REQUIRES: level <= levels().
  Node begin(std::size_t level) const { return level_begins_[level]; }
  Node end(std::size_t level) const { return level < levels() ? level_begins_[level + 1] : static_cast<Node>(size()); }

  // A node's children are first_child(node) up to, not including, first_child(node + 1). The last level has none.
  Node first_child(Node node) const {
    return node < first_children_.size() ? first_children_[node] : static_cast<Node>(size());
  }
  bool has_children(Node node) const { return first_child(node) != first_child(node + 1); }

  // The last token of the n-gram. REQUIRES: not the root.
  Token token(Node node) const { return tokens_[node]; }

  // REQUIRES: not the root.
  Node suffix(Node node) const { return suffixes_[node]; }

  Node token_node(Token token) const { return static_cast<Node>(token) + 1; }

  // The child whose last token is `token`, or nothing.
  std::optional<Node> find_child(Node node, Token token) const {
    if (node == kRoot) return token_node(token);
    return find_among(first_child(node), first_child(node + 1), token);
  }

  // The one among siblings [begin, end) whose last token is `token`, or nothing.
  std::optional<Node> find_among(Node begin, Node end, Token token) const;

  // Building: add_level() begins a further level, and append() puts the next node into it.
  // REQUIRES: parents are of the level before and do not descend; the tokens of a parent's children ascend; the suffix is the
  // node described above; fewer than kMaxNodes nodes.
  void add_level() { level_begins_.push_back(static_cast<Node>(size())); }
  Node append(Node parent, Token token, Node suffix) {
    assert(size() < kMaxNodes && parent + 1 >= first_children_.size());
    const auto node = static_cast<Node>(size());
    while (first_children_.size() <= parent) first_children_.push_back(node);
    tokens_.push_back(token);
    suffixes_.push_back(suffix);
    return node;
  }

  // Makes space for so many nodes in all, so that append() need not.
  void reserve(std::size_t nodes);

 private:
  std::size_t vocab_size_;
  std::vector<Node> level_begins_;    // [levels + 1]
  LargeVector<Node> first_children_;  // up to the last node that has children; those behind it would have them at the end
  LargeVector<Token> tokens_;         // [nodes]
  LargeVector<Node> suffixes_;        // [nodes]
};

}  // namespace microgpt
