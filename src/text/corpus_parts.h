// SPDX-License-Identifier: MIT
// A corpus, split and tokenized: the same to all that trains and evaluates, be it lines or a running text.
//
// Of lines, the parts are documents by content; held out, each different one counts once. Of a running text each part is one
// document, a stretch of it: BOS and its characters, and at the end of the text BOS. A held-out stretch begins in the midst of
// the text with nothing before it but BOS, so that no part sees a character of another one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "microgpt/corpus.h"
#include "microgpt/tokenizer.h"
#include "text/tokenized_documents.h"

namespace microgpt {

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
