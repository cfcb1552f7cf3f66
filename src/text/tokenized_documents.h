// SPDX-License-Identifier: MIT
// Documents of a corpus as tokens, made once, so that a step of training need not tokenize.
//
// A document is at least two tokens, each but the first the target of a position: of a line BOS, its characters and BOS; of a
// running text what StretchEnd says, or a window. The tokens lie end to end with an offset a document, both in the narrowest
// integers that hold them. Does not change after it is made; any number of threads may read it.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "microgpt/corpus.h"
#include "microgpt/tokenizer.h"
#include "text/batch.h"
#include "text/packed_integers.h"

namespace microgpt {

// How a stretch of a running text ends.
enum class StretchEnd {
  open,  // the text goes on
  bos,   // the text ends there, too
};

class TokenizedDocuments {
 public:
  // The documents corpus[indices[0]], corpus[indices[1]] ... Neither argument is needed afterwards.
  // Throws Error on a character that the tokenizer does not know. REQUIRES: indices are below corpus.size().
  TokenizedDocuments(const Corpus& corpus, const Tokenizer& tokenizer, std::span<const std::size_t> indices);

  // One document: BOS, the characters of the stretch, and what `end` says. Throws as above. REQUIRES: a character.
  static TokenizedDocuments from_stretch(const Tokenizer& tokenizer, std::string_view stretch, StretchEnd end);

  // The same tokens as documents of `block_size` positions, the last ones of a document fewer. Each begins with the token that
  // the one before ends with, so that each position is predicted once, with as much context as its window has before it.
  // REQUIRES: block_size >= 1.
  TokenizedDocuments windows(std::size_t block_size) const;

  // These documents, and after them others. REQUIRES: those have at least two tokens each, of the same vocabulary.
  TokenizedDocuments with(std::span<const std::vector<Token>> others) const;

  // The documents from `first` on, `count` of them, as one. REQUIRES: there are so many, at least one, and each but the first
  // begins with the token that the one before ends with, as windows() do.
  TokenizedDocuments joined(std::size_t first, std::size_t count) const;

  // `count` of the first `among` documents, spread evenly over them; all of these where there are no more. REQUIRES: among is
  // at most size().
  TokenizedDocuments sample(std::size_t count, std::size_t among) const;
  TokenizedDocuments sample(std::size_t count) const { return sample(count, size_); }

  std::size_t size() const { return size_; }

  // The positions of document d, of the longest, and of all: one for each token but the first.
  // REQUIRES: d < size().
  std::size_t positions(std::size_t d) const { return offsets_[d + 1] - offsets_[d] - 1; }
  std::size_t longest() const { return longest_; }
  std::size_t all_positions() const { return offsets_[size_] - size_; }

  // How many of the positions predict a character: all, or all but the last, whose target is BOS. REQUIRES: d < size().
  std::size_t characters(std::size_t d) const;

  // Appends positions `begin` up to, not including, `end` of the document to the batch, as a document of it. REQUIRES: d <
  // size(), begin < end <= positions(d).
  void append(std::size_t d, std::size_t begin, std::size_t end, Batch& batch) const;

  // Copies tokens of the document from the one of number `first` on. REQUIRES: d < size(); first + to.size() <= positions(d)
  // + 1.
  void copy(std::size_t d, std::size_t first, std::span<Token> to) const;

  std::size_t bytes() const { return offsets_.bytes() + tokens_.bytes(); }

 private:
  // Space for documents of so many tokens in all, to be added.
  TokenizedDocuments(std::size_t documents, std::size_t tokens, Token bos);

  // The next document has the tokens that write(put) gives to put(token).
  template <typename Write>
  void add_document(Write write);
  void add_copy(const TokenizedDocuments& from, std::size_t begin, std::size_t count);

  Token bos_;
  std::size_t size_ = 0;
  PackedIntegers offsets_;  // [documents + 1], of a document's first token
  PackedIntegers tokens_;
  std::size_t longest_ = 0;
};

}  // namespace microgpt
