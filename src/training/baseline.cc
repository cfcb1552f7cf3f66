// SPDX-License-Identifier: MIT
#include "training/baseline.h"

#include <algorithm>
#include <vector>

#include "ngram/choose_order.h"

namespace microgpt {
namespace {

// Documents from the first on, the last one cut, until there are so many tokens.
NgramDocuments first_documents(const TokenizedDocuments& documents, std::size_t vocab_size, std::size_t max_tokens) {
  NgramDocuments counted(vocab_size);
  std::vector<Token> tokens;
  for (std::size_t d = 0; d < documents.size() && max_tokens >= 2; ++d) {
    tokens.resize(std::min(documents.positions(d) + 1, max_tokens));
    documents.copy(d, 0, tokens);
    counted.add(tokens);
    max_tokens -= tokens.size();
  }
  return counted;
}

}  // namespace

NgramModel make_baseline(const CorpusParts& parts, std::size_t vocab_size, std::size_t max_tokens) {
  const NgramDocuments training = first_documents(parts.training, vocab_size, max_tokens);
  if (!parts.validation) return choose_ngram_model(training);
  return choose_ngram_model(training, first_documents(*parts.validation, vocab_size, max_tokens)).model;
}

}  // namespace microgpt
