// Documents of a corpus as tokens, made once, so that a step of training need not tokenize.
//
// The characters lie end to end with an offset a document, both in the narrowest integers that hold them; the BOS at both ends
// is added when a document goes into a batch. Does not change after it is made; any number of threads may read it.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "microgpt/batch.h"
#include "microgpt/corpus.h"
#include "microgpt/tokenizer.h"
#include "text/packed_integers.h"

namespace microgpt {

class TokenizedDocuments {
 public:
  // The documents corpus[indices[0]], corpus[indices[1]] ... Neither argument is needed afterwards.
  // Throws Error on a character that the tokenizer does not know. REQUIRES: indices are below corpus.size().
  TokenizedDocuments(const Corpus& corpus, const Tokenizer& tokenizer, std::span<const std::size_t> indices);

  std::size_t size() const { return size_; }

  // The positions of document d, of the longest, and of all, before any cut: one for each character, and one for the end.
  // REQUIRES: d < size().
  std::size_t positions(std::size_t d) const { return offsets_[d + 1] - offsets_[d] + 1; }
  std::size_t longest() const { return longest_; }
  std::size_t all_positions() const { return offsets_[size_] + size_; }

  // Appends BOS, the characters and BOS to the batch, cut to `block_size` positions. REQUIRES: d < size(), block_size >= 1.
  void append(std::size_t d, std::size_t block_size, Batch& batch) const;

  std::size_t bytes() const { return offsets_.bytes() + characters_.bytes(); }

 private:
  std::size_t size_;
  Token bos_;
  PackedIntegers offsets_;     // [size + 1], of a document's first character
  PackedIntegers characters_;  // as tokens
  std::size_t longest_ = 0;
};

}  // namespace microgpt
