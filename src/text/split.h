// SPDX-License-Identifier: MIT
// The split: what is trained on, what is for validation, and what for the test.
//
// Documents are split by content.
// A document's part is a function of its text, the seed and the share held out, and of nothing else: equal documents are on one
// side, wherever they stand, and adding documents to a corpus moves none of the others.
// Of u = SipHash-2-4(UTF-8 of the document; key: the seed, then 0) / 2^64, rounded to a double, u < held_out is validation,
// u < 2 * held_out test, and the rest training. Nothing is held out where held_out is 0. Where a part would have no document,
// as it may be with a short list, the bounds move so far that each part has one, as far as there are three different documents.
//
// Of lines in the order of time (CorpusKind::tail) the last ones are held out, cut as a running text is; a document that
// stands in the training part, too, is not held out again.
//
// Where a corpus has groups, a document's group stands for its text in the formula above. Documents that were given as held out
// (Corpus::with_held_out) take the place of those that would be held out for that; such a document among the corpus's own ones
// is left out of training.
//
// A running text is split into three contiguous stretches, whatever the seed: training, validation, and last the test. With a
// tenth held out the test is the last tenth, as in nanoGPT's prepare.py for Shakespeare.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "microgpt/corpus.h"
#include "microgpt/error.h"
#include "microgpt/tokenizer.h"
#include "text/tokenized_documents.h"

namespace microgpt {

enum class CorpusPart {
  training,
  validation,
  test,
};

// Something is held out, and a part has nothing.
class EmptyPart : public Error {
 public:
  EmptyPart(const std::string& problem, double held_out)
      : Error(problem + "; give more documents, or hold out another share"), problem_(problem), held_out_(held_out) {}

  // Up to what to do about it.
  const std::string& problem() const { return problem_; }
  double held_out() const { return held_out_; }

 private:
  std::string problem_;
  double held_out_;
};

// Of a document in a corpus whose parts all have some. REQUIRES: 0 <= held_out < 0.5.
CorpusPart part_of(std::string_view document, std::uint64_t seed, double held_out);

// Indices of documents of the corpus, ascending.
struct Split {
  std::vector<std::size_t> training;    // duplicates included
  std::vector<std::size_t> validation;  // of equal documents the first
  std::vector<std::size_t> test;        // of equal documents the first
  std::size_t left_out = 0;             // documents that are in no part, as others like them were given as held out
};

// `held_out` is the share of validation, and again of test, among the different documents.
// Throws ConfigError: held_out is not in [0, 0.5). Throws EmptyPart. Throws Error: the pattern of groups is none of RE2.
Split split_corpus(const Corpus& corpus, std::uint64_t seed, double held_out);

// Views of the corpus's text, which are all of it end to end, but for what is given as held out.
struct TextSplit {
  std::string_view training;
  std::string_view validation;  // empty, like the test, where nothing is held out
  std::string_view test;
};

// Of n characters validation begins at number int(n * (1 - 2 * held_out)) and the test at int(n * (1 - held_out)), in double
// precision. What is given as held out takes the place of what would be. Throws as split_corpus(). REQUIRES: the corpus is a
// running text.
TextSplit split_text(const Corpus& corpus, double held_out);

struct CorpusToSplit {
  const Corpus* corpus;
  std::uint64_t seed;
};

// The least share above `held_out`, a multiple of a twentieth, with which no part of any of these is empty; nothing where there
// is none.
std::optional<double> share_for_all_parts(std::span<const CorpusToSplit> corpora, double held_out);

// A corpus, split and tokenized: the same to all that trains and evaluates, be it lines or a running text.
//
// Of lines, the parts are documents by content; held out, each different one counts once. Of a running text each part is one
// document, a stretch of it: BOS and its characters, and at the end of the text BOS. A held-out stretch begins in the midst of
// the text with nothing before it but BOS, so that no part sees a character of another one.
struct CorpusParts {
  TokenizedDocuments training;                   // of lines, duplicates included
  std::optional<TokenizedDocuments> validation;  // nothing where nothing is held out
  std::optional<TokenizedDocuments> test;
};

// The corpus is not needed afterwards. Throws as split_corpus() or split_text(), and Error on a character that the tokenizer
// does not know.
CorpusParts split_and_tokenize(const Corpus& corpus, const Tokenizer& tokenizer, std::uint64_t seed, double held_out);

// What the epochs go over: documents as they are, be they longer than the context; of a running text its windows, which are as
// long as the context. REQUIRES: block_size >= 1.
TokenizedDocuments documents_to_train_on(CorpusKind kind, TokenizedDocuments training, std::size_t block_size);

}  // namespace microgpt
