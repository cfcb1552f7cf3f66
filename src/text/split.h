// The split by content: which documents are trained on, which are for validation, and which for the test.
//
// A document's part is a function of its text, the seed and the share held out, and of nothing else: equal documents are on one
// side, wherever they stand, and adding documents to a corpus moves none of the others.
// Of u = SipHash-2-4(UTF-8 of the document; key: the seed, then 0) / 2^64, rounded to a double, u < held_out is validation,
// u < 2 * held_out test, and the rest training. Nothing is held out where held_out is 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "microgpt/corpus.h"

namespace microgpt {

enum class Part {
  training,
  validation,
  test,
};

// REQUIRES: 0 <= held_out < 0.5.
Part part_of(std::string_view document, std::uint64_t seed, double held_out);

// Indices of documents of the corpus, ascending.
struct Split {
  std::vector<std::size_t> training;    // duplicates included
  std::vector<std::size_t> validation;  // of equal documents the first
  std::vector<std::size_t> test;        // of equal documents the first
};

// `held_out` is the share of validation, and again of test, among the different documents.
// Throws ConfigError: held_out is not in [0, 0.5). Throws Error: something is held out, and a part has no document.
Split split_corpus(const Corpus& corpus, std::uint64_t seed, double held_out);

}  // namespace microgpt
