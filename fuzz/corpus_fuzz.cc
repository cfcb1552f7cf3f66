// Any bytes are a corpus or an Error; of a corpus, every document is what the headers promise.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "microgpt/corpus.h"
#include "microgpt/error.h"
#include "microgpt/tokenizer.h"
#include "text/utf8.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void check_document(const microgpt::Tokenizer& tokenizer, std::string_view document) {
  require(!document.empty());
  require(microgpt::strip(document) == document);
  require(document.find_first_of("\r\n") == std::string_view::npos);
  const std::vector<microgpt::Token> tokens = tokenizer.encode(document);
  require(tokens.size() >= 3 && tokens.front() == tokenizer.bos() && tokens.back() == tokenizer.bos());
  require(tokenizer.decode(tokens) == document);
  const std::vector<microgpt::Token> cut = tokenizer.encode(document, 1);
  require(cut.size() <= 3 && cut[1] == tokens[1]);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  for (const auto byte_order_mark : {microgpt::ByteOrderMark::drop, microgpt::ByteOrderMark::keep}) {
    try {
      const auto corpus = microgpt::Corpus::from_lines("input", text, byte_order_mark);
      require(corpus.size() > 0);
      const microgpt::Tokenizer tokenizer(corpus);
      for (std::size_t i = 0; i < corpus.size(); ++i) check_document(tokenizer, corpus[i]);
    } catch (const microgpt::Error&) {
      // The answer to invalid UTF-8 and to a corpus without documents.
    }
  }
  return 0;
}
