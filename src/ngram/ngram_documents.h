// SPDX-License-Identifier: MIT
// The documents that n-grams are counted in, or a model is chosen on: tokens end to end, and where each document begins.
//
// A document is BOS, its characters, BOS, as Tokenizer::encode() makes it; running text is one long document. Memory: four
// bytes a token. Reading is safe from any number of threads.
#pragma once

#include <cassert>
#include <cstddef>
#include <span>
#include <vector>

#include "microgpt/token.h"

namespace microgpt {

class NgramDocuments {
 public:
  // The most tokens of all documents together that add() takes: what NgramTrie has numbers for.
  static constexpr std::size_t kMaxTokens = std::size_t{1} << 28;

  // REQUIRES: vocab_size >= 2.
  explicit NgramDocuments(std::size_t vocab_size) : vocab_size_(vocab_size) { assert(vocab_size >= 2); }

  // Throws Error: more than kMaxTokens. REQUIRES: at least two tokens, of the vocabulary; the first is BOS.
  void add(std::span<const Token> document);

  std::size_t vocab_size() const { return vocab_size_; }
  Token bos() const { return static_cast<Token>(vocab_size_ - 1); }

  std::size_t size() const { return offsets_.size() - 1; }

  // REQUIRES: d < size().
  std::span<const Token> operator[](std::size_t d) const {
    return std::span(tokens_).subspan(offsets_[d], offsets_[d + 1] - offsets_[d]);
  }

  // All documents end to end; document d begins at offsets()[d], and the last number is where all end.
  std::span<const Token> tokens() const { return tokens_; }
  std::span<const std::size_t> offsets() const { return offsets_; }

 private:
  std::size_t vocab_size_;
  std::vector<Token> tokens_;
  std::vector<std::size_t> offsets_{0};
};

// Of equal documents the first only. What repeats in a list of strings says more about the list than about its strings: on
// names, counting each different one once gives the lower loss on names held out.
NgramDocuments different_documents(const NgramDocuments& documents);

}  // namespace microgpt
