// SPDX-License-Identifier: MIT
#include "ngram/ngram_documents.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "microgpt/error.h"

namespace microgpt {
namespace {

// The same for equal documents, whatever the machine's byte order is.
std::string_view bytes_of(std::span<const Token> document) {
  return {reinterpret_cast<const char*>(document.data()), document.size_bytes()};
}

}  // namespace

void NgramDocuments::add(std::span<const Token> document) {
  assert(document.size() >= 2 && document.front() == bos());
  assert(std::all_of(document.begin(), document.end(), [&](Token token) { return token >= 0 && token <= bos(); }));
  if (document.size() > kMaxTokens - tokens_.size())
    throw Error(fmt::format("the documents have more than {} tokens, the most that n-grams are counted in; give fewer of them",
                            kMaxTokens));
  tokens_.insert(tokens_.end(), document.begin(), document.end());
  offsets_.push_back(tokens_.size());
}

NgramDocuments different_documents(const NgramDocuments& documents) {
  NgramDocuments different(documents.vocab_size());
  std::unordered_set<std::string_view> seen;
  for (std::size_t d = 0; d < documents.size(); ++d)
    if (seen.insert(bytes_of(documents[d])).second) different.add(documents[d]);
  return different;
}

}  // namespace microgpt
