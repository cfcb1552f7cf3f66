// SPDX-License-Identifier: MIT
// Any bytes, however they come, are the lines that a corpus has, or the same error; replaced or skipped, they are UTF-8.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fuzz.h"
#include "microgpt/corpus.h"
#include "microgpt/error.h"
#include "text/encoded_text.h"
#include "text/foreign_format.h"
#include "text/format_names.h"
#include "text/line_chunks.h"
#include "text/line_stream.h"

namespace microgpt {
namespace {

using fuzz::require;

struct Lines {
  std::vector<std::string> all;
  std::optional<std::string> error;  // up to what to do about it
};

std::string first_part(const Error& error) { return std::string(error.what()).substr(0, std::string(error.what()).find(';')); }

Lines read(std::string_view bytes, std::size_t size, Encoding encoding, InvalidUtf8 invalid) {
  Lines lines;
  LineGatherer gatherer({[&](LineChunk chunk) {
                           for (std::size_t i = 0; i < chunk.size(); ++i) lines.all.emplace_back(chunk[i]);
                         },
                         [](std::string_view) { std::abort(); }, [] { std::abort(); }});
  LineStream stream("input", encoding, invalid,
                    {[&](std::string_view piece) { gatherer.take_piece(piece); }, [&] { gatherer.end_line(); }});
  try {
    for (std::size_t at = 0; at < bytes.size(); at += size) stream.feed(bytes.substr(at, size));
    stream.finish();
  } catch (const Error& error) {
    lines.error = first_part(error);
  }
  gatherer.flush();
  for (const std::string& line : lines.all) {
    require(line.find_first_of("\r\n") == std::string::npos);
    require(encoding == Encoding::bytes || !find_invalid_utf8(line));
    require(strip(encoding, line) == line);
  }
  return lines;
}

void compare_with_corpus(const std::string& text, Encoding encoding, InvalidUtf8 invalid, const Lines& lines) {
  std::vector<std::string> documents;
  for (const std::string& line : lines.all)
    if (!line.empty()) documents.push_back(line);
  try {
    const Corpus corpus("input", text, {.encoding = encoding, .invalid = invalid});
    require(!lines.error && documents.size() == corpus.size());
    for (std::size_t d = 0; d < corpus.size(); ++d) require(documents[d] == corpus[d]);
  } catch (const Error& error) {
    require(lines.error ? first_part(error) == *lines.error : documents.empty());
  }
}

}  // namespace
}  // namespace microgpt

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace microgpt;
  const std::string text(data, data + size);
  for (const Encoding encoding : {Encoding::utf8, Encoding::bytes})
    for (const auto& [invalid, name] : kInvalidUtf8Names) {
      const Lines whole = read(text, size + 1, encoding, invalid);
      for (const std::size_t at_a_time : {1U, 2U, 3U, 7U}) {
        const Lines lines = read(text, at_a_time, encoding, invalid);
        require(lines.all == whole.all && lines.error == whole.error);
      }
      // A corpus is no archive, whatever is replaced; of a stream this is not asked.
      if (invalid == InvalidUtf8::error || find_foreign_format(text) == nullptr)
        compare_with_corpus(text, encoding, invalid, whole);
    }
  return 0;
}
