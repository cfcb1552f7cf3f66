// SPDX-License-Identifier: MIT
// Small corpora for tests of n-grams.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "microgpt/corpus.h"
#include "microgpt/tokenizer.h"
#include "ngram/ngram_documents.h"
#include "random/python_random.h"

namespace microgpt::testing {

using Tokens = std::vector<Token>;

inline NgramDocuments ngram_documents(const std::vector<Tokens>& documents, std::size_t vocab_size) {
  NgramDocuments ngram_documents(vocab_size);
  for (const Tokens& document : documents) ngram_documents.add(document);
  return ngram_documents;
}

// BOS, the letters as the tokens a = 0, b = 1 ..., BOS.
inline Tokens document(std::string_view letters, std::size_t vocab_size) {
  const auto bos = static_cast<Token>(vocab_size - 1);
  Tokens tokens{bos};
  for (const char letter : letters) tokens.push_back(static_cast<Token>(letter - 'a'));
  tokens.push_back(bos);
  return tokens;
}

// Documents of up to `longest` characters. The greater a character, the rarer.
inline std::vector<Tokens> random_documents(std::uint64_t seed, std::size_t count, std::size_t longest,
                                            std::size_t vocab_size) {
  PythonRandom random(seed);
  std::vector<Tokens> documents;
  for (std::size_t d = 0; d < count; ++d) {
    Tokens tokens{static_cast<Token>(vocab_size - 1)};
    for (std::uint64_t i = random.randbelow(longest + 1); i > 0; --i)
      tokens.push_back(static_cast<Token>(random.randbelow(1 + random.randbelow(vocab_size - 1))));
    tokens.push_back(tokens.front());
    documents.push_back(tokens);
  }
  return documents;
}

inline NgramDocuments documents_of(const Corpus& corpus, const Tokenizer& tokenizer, const std::vector<std::size_t>& indices) {
  NgramDocuments documents(tokenizer.vocab_size());
  for (const std::size_t i : indices) documents.add(tokenizer.encode(corpus[i]));
  return documents;
}

}  // namespace microgpt::testing
