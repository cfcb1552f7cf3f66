// SPDX-License-Identifier: MIT
// Any bytes are a corpus or an Error, however they are read; of a corpus, every document is what the headers promise.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "fuzz.h"
#include "microgpt/corpus.h"
#include "microgpt/error.h"
#include "microgpt/tokenizer.h"
#include "text/encoded_text.h"
#include "text/format_names.h"
#include "text/split.h"
#include "text/tokenized_documents.h"

namespace microgpt {
namespace {

constexpr double kHeldOut = 0.3;

using fuzz::require;

void check_document(const Tokenizer& tokenizer, std::string_view document) {
  require(!document.empty());
  require(document.find('\r') == std::string_view::npos);
  const std::vector<Token> tokens = tokenizer.encode(document);
  require(tokens.size() >= 3 && tokens.front() == tokenizer.bos() && tokens.back() == tokenizer.bos());
  require(tokenizer.decode(tokens) == document);
  require(tokenizer.encode_marking_unseen(document) == tokens);
  const std::vector<Token> cut = tokenizer.encode(document, 1);
  require(cut.size() <= 3 && cut[1] == tokens[1]);
}

void check_line(const Corpus& corpus, std::string_view document) {
  require(strip(corpus.encoding(), document) == document);
  require(document.find('\n') == std::string_view::npos);
}

void check_stretch(const Corpus& corpus, std::string_view stretch) {
  require(!stretch.empty());
  require(corpus.encoding() == Encoding::bytes || !find_invalid_utf8(stretch));
}

void check_text(const Corpus& corpus) {
  require(corpus.size() == 1);
  const TextSplit split = split_text(corpus, kHeldOut);
  for (const std::string_view stretch : {split.training, split.validation, split.test}) check_stretch(corpus, stretch);
  require(std::string(split.training) + std::string(split.validation) + std::string(split.test) == corpus[0]);
}

// Windows of any size have the positions of what they are windows of.
void check_parts(const Corpus& corpus, const Tokenizer& tokenizer) {
  const CorpusParts parts = split_and_tokenize(corpus, tokenizer, 1, kHeldOut);
  Batch whole;
  for (std::size_t d = 0; d < parts.training.size(); ++d) parts.training.append(d, 0, parts.training.positions(d), whole);
  for (const std::size_t block_size : {1U, 2U, 7U}) {
    const TokenizedDocuments windows = parts.training.windows(block_size);
    Batch batch;
    for (std::size_t w = 0; w < windows.size(); ++w) windows.append(w, 0, windows.positions(w), batch);
    require(batch.inputs == whole.inputs && batch.targets == whole.targets);
  }
}

void check_corpus(const std::string& text, const CorpusFormat& format) {
  try {
    const Corpus corpus("input", text, format);
    require(corpus.size() > 0);
    const Tokenizer tokenizer(corpus);
    for (std::size_t i = 0; i < corpus.size(); ++i) {
      check_document(tokenizer, corpus[i]);
      if (format.kind == CorpusKind::lines) check_line(corpus, corpus[i]);
    }
    if (format.kind == CorpusKind::text) check_text(corpus);
    check_parts(corpus, tokenizer);
  } catch (const Error&) {
    // The answer to invalid UTF-8, to a corpus without documents, and to one that is too small for a split.
  }
}

}  // namespace
}  // namespace microgpt

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace microgpt;
  const std::string text(data, data + size);
  for (const auto& [kind, kind_name] : kCorpusKindNames)
    for (const auto& [encoding, encoding_name] : kEncodingNames)
      for (const auto mark : {ByteOrderMark::drop, ByteOrderMark::keep})
        for (const auto& [invalid, invalid_name] : kInvalidUtf8Names) check_corpus(text, {kind, encoding, mark, invalid});
  return 0;
}
