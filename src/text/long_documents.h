// SPDX-License-Identifier: MIT
// Which documents of a corpus do not fit into a model's context.
#pragma once

#include <cstddef>
#include <string>

#include "microgpt/corpus.h"

namespace microgpt {

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

}  // namespace microgpt
