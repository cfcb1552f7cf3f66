// SPDX-License-Identifier: MIT
// A pair of n-gram models that tells two kinds of documents apart, to stand beside a pair of engines: the same ratio of the
// same documents, and what one of the two does not know is unseen by both (inference/classifier.h).
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "microgpt/tokenizer.h"
#include "ngram/ngram_model.h"
#include "scoring/evaluation.h"
#include "scoring/ngram_losses.h"

namespace microgpt {

// "5-grams", or "5- and 2-gram".
std::string name_of_ngrams(const NgramModel& positive, const NgramModel& negative);

// One document after another, in pieces. Memory: a piece. Threads: one at a time.
class NgramPair {
 public:
  // A model and the tokenizer of its tokens; both must outlive the pair.
  struct Member {
    const NgramModel& model;
    const Tokenizer& tokenizer;
  };

  // REQUIRES: the tokenizers are of the same encoding.
  NgramPair(const Member& positive, const Member& negative);

  // The next characters of the document. REQUIRES: valid in the tokenizers' encoding.
  void append(std::string_view piece);

  // Ends the document: its log-likelihood ratio.
  double end_document();

 private:
  struct Scored {
    Member member;
    NgramLosses losses;
    DocumentLoss loss;          // of the document so far
    std::vector<Token> tokens;  // of a piece

    void add_tokens();
  };

  std::array<Scored, 2> scored_;
};

}  // namespace microgpt
