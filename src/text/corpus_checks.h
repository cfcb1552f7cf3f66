// SPDX-License-Identifier: MIT
// What is asked of a corpus before it is used.
#pragma once

#include <cstddef>
#include <string>

#include "microgpt/corpus.h"
#include "microgpt/tokenizer.h"

namespace microgpt {

// Which documents do not fit into a model's context.
struct LongDocuments {
  std::size_t longer = 0;      // documents that have more positions than the context
  std::size_t documents = 0;   // of the corpus
  std::size_t longest = 0;     // positions of the longest: its characters, and its end
  std::size_t block_size = 0;  // the context
  bool is_fixed = false;       // the context cannot be another, as a saved model has it
};

// A running text has no long documents, as it is read in windows that fit.
LongDocuments count_long_documents(const Corpus& corpus, std::size_t block_size);

// "3 of 100 documents are longer than the context of 16, and are read in windows of it; --block-size 41 holds all".
std::string describe(const LongDocuments& documents);

// Throws Error that names the first character that the tokenizer does not have, and says how many there are.
// REQUIRES: both are of one encoding.
void require_known_characters(const Corpus& corpus, const Tokenizer& tokenizer);

// How many different documents of its own a corpus has.
std::size_t count_different(const Corpus& corpus);

// Whether lines look like those of a running text, which are no documents of their own: most are words: five or more, of
// letters; and some end with a full stop or the like. A guess, for a hint. REQUIRES: the corpus is of lines.
bool looks_like_prose(const Corpus& corpus);

}  // namespace microgpt
