// SPDX-License-Identifier: MIT
#include "text/known_characters.h"

#include <fmt/format.h>

#include <cassert>
#include <set>
#include <string>

#include "microgpt/error.h"
#include "text/encoded_text.h"

namespace microgpt {
namespace {

// What the tokenizer says of the first one of the document. REQUIRES: there is one.
std::string complaint_of(const Tokenizer& tokenizer, std::string_view document) {
  try {
    tokenizer.for_each_token(document, [](Token) {});
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

void require_known_characters(const Corpus& corpus, const Tokenizer& tokenizer) {
  assert(corpus.encoding() == tokenizer.encoding());
  std::set<char32_t> unknown;
  std::size_t occurrences = 0;
  std::size_t first_document = 0;
  for (std::size_t d = 0; d < corpus.size(); ++d)
    for_each_character(corpus.encoding(), corpus[d], [&](char32_t c) {
      if (tokenizer.find(c)) return true;
      if (unknown.empty()) first_document = d;
      unknown.insert(c);
      ++occurrences;
      return true;
    });
  if (unknown.empty()) return;
  const std::string where = corpus.kind() == CorpusKind::text ? "" : fmt::format(" document {}:", first_document + 1);
  throw Error(
      fmt::format("{}:{} {}; the corpus has {} such character{} at {} place{}; take them out, or train a model of its own",
                  corpus.name(), where, complaint_of(tokenizer, corpus[first_document]), unknown.size(),
                  unknown.size() == 1 ? "" : "s", occurrences, occurrences == 1 ? "" : "s"));
}

}  // namespace microgpt
