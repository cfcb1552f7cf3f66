#include "microgpt/corpus.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "microgpt/error.h"
#include "text/embedded_names.h"
#include "text/utf8.h"

namespace microgpt {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::size_t end_of_line(std::string_view text, std::size_t at) { return std::min(text.find_first_of("\r\n", at), text.size()); }

std::size_t start_of_next_line(std::string_view text, std::size_t line_end) {
  if (line_end == text.size()) return line_end;
  return line_end + (text.substr(line_end, 2) == "\r\n" ? 2 : 1);
}

std::size_t line_number(std::string_view text, std::size_t offset) {
  std::size_t line = 1;
  for (std::size_t at = start_of_next_line(text, end_of_line(text, 0)); at < text.size() && at <= offset;
       at = start_of_next_line(text, end_of_line(text, at)))
    ++line;
  return line;
}

void require_utf8(const std::string& name, std::string_view text) {
  if (const auto offset = find_invalid_utf8(text))
    throw Error(fmt::format("{}: line {} is not UTF-8 (byte 0x{:02x} at offset {}); convert the file to UTF-8", name,
                            line_number(text, *offset), static_cast<unsigned char>(text[*offset]), *offset));
}

}  // namespace

Corpus Corpus::from_lines(std::string name, std::string text, ByteOrderMark byte_order_mark) {
  Corpus corpus;
  corpus.name_ = std::move(name);
  corpus.text_ = std::move(text);
  const std::string_view all = corpus.text_;
  require_utf8(corpus.name_, all);
  std::size_t at = byte_order_mark == ByteOrderMark::drop && all.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  while (at < all.size()) {
    const std::size_t end = end_of_line(all, at);
    const std::string_view document = strip(all.substr(at, end - at));
    if (!document.empty())
      corpus.documents_.push_back({static_cast<std::size_t>(document.data() - all.data()), document.size()});
    at = start_of_next_line(all, end);
  }
  if (corpus.documents_.empty())
    throw Error(fmt::format("{}: the corpus has no documents; it needs at least one line that is not blank", corpus.name_));
  return corpus;
}

std::string_view Corpus::operator[](std::size_t index) const {
  assert(index < documents_.size());
  const Extent& extent = documents_[index];
  return std::string_view(text_).substr(extent.begin, extent.size);
}

Corpus embedded_names() { return Corpus::from_lines("the embedded US names of 2018", std::string(embedded_names_text())); }

}  // namespace microgpt
