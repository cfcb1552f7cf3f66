// SPDX-License-Identifier: MIT
#include "text/corpus_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>

#include "microgpt/config.h"
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

constexpr std::size_t kWords = 5;
constexpr double kMinLetters = 0.8;         // of a line's bytes, its spaces included
constexpr double kMinShareOfWords = 0.5;    // of all lines
constexpr double kMinShareWithStop = 0.1;   // of all lines
constexpr std::size_t kMaxLines = 100'000;  // that are looked at
constexpr std::string_view kStops = ".,;:!?\"";

// Bytes above 127 are of letters, mostly.
bool is_letter_or_space(char c) {
  return c == ' ' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) > 127;
}

bool is_of_words(std::string_view line) {
  const auto spaces = static_cast<std::size_t>(std::count(line.begin(), line.end(), ' '));
  const auto letters = static_cast<double>(std::count_if(line.begin(), line.end(), is_letter_or_space));
  return spaces + 1 >= kWords && letters >= kMinLetters * static_cast<double>(line.size());
}

}  // namespace

LongDocuments count_long_documents(const Corpus& corpus, std::size_t block_size) {
  LongDocuments count{.documents = corpus.size(), .block_size = block_size};
  if (corpus.kind() == CorpusKind::text) return count;
  for (std::size_t d = 0; d < corpus.size(); ++d) {
    const std::size_t positions = count_characters(corpus.encoding(), corpus[d]) + 1;
    count.longer += positions > block_size ? 1 : 0;
    count.longest = std::max(count.longest, positions);
  }
  return count;
}

std::string describe(const LongDocuments& documents) {
  const std::string remedy = documents.is_fixed || documents.longest > Config::kBlockSize.max
                                 ? ""
                                 : fmt::format("; --block-size {} holds all", documents.longest);
  return fmt::format("{} of {} documents {} longer than the context of {}, and {} read in windows of it{}", documents.longer,
                     documents.documents, documents.longer == 1 ? "is" : "are", documents.block_size,
                     documents.longer == 1 ? "is" : "are", remedy);
}

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

bool looks_like_prose(const Corpus& corpus) {
  const std::size_t count = std::min(corpus.size(), kMaxLines);
  std::size_t word_lines = 0, with_stop = 0;
  for (std::size_t d = 0; d < count; ++d) {
    word_lines += is_of_words(corpus[d]) ? 1 : 0;
    with_stop += kStops.find(corpus[d].back()) != std::string_view::npos ? 1 : 0;
  }
  const auto all = static_cast<double>(count);
  return static_cast<double>(word_lines) >= kMinShareOfWords * all && static_cast<double>(with_stop) >= kMinShareWithStop * all;
}

std::size_t count_different(const Corpus& corpus) {
  std::unordered_set<std::string_view> documents;
  for (std::size_t d = 0; d < corpus.own_size(); ++d) documents.insert(corpus[d]);
  return documents.size();
}

}  // namespace microgpt
