// SPDX-License-Identifier: MIT
#include "microgpt/corpus.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

#include "microgpt/error.h"
#include "text/document_stream.h"
#include "text/embedded_names.h"
#include "text/encoded_text.h"
#include "text/fold_case.h"
#include "text/foreign_format.h"
#include "text/hashes.h"

namespace microgpt {
namespace {

// Lines are short: a search for either character at once takes longer to begin.
std::size_t end_of_line(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] != '\n' && text[at] != '\r') ++at;
  return at;
}

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
    throw Error(
        fmt::format("{}: line {} is not UTF-8 (byte 0x{:02x} at offset {}); convert the file to UTF-8, train on its bytes "
                    "with train --encoding bytes, or replace them with --invalid replace",
                    name, line_number(text, *offset), static_cast<unsigned char>(text[*offset]), *offset));
}

// The text with what is not UTF-8 replaced or skipped.
std::string valid_text(std::string_view text, InvalidUtf8 invalid, InvalidBytes& found) {
  std::string valid;
  valid.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    const std::string_view good = rest.substr(0, find_invalid_utf8(rest).value_or(rest.size()));
    valid += good;
    at += good.size();
    if (at == text.size()) break;
    if (found.sequences == 0 || good.find_first_of("\r\n") != std::string_view::npos) ++found.lines;
    ++found.sequences;
    if (invalid == InvalidUtf8::replace) valid += kReplacementCharacter;
    at += invalid_utf8_length(text, at);
  }
  return valid;
}

std::size_t count_line_ends(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }));
}

// Every line ends in "\n" afterwards. In place: the text may take half of the memory.
void unify_line_ends(std::string& text) {
  std::size_t end = std::min(text.find('\r'), text.size());
  for (std::size_t at = end; at < text.size(); ++at) {
    const bool is_return = text[at] == '\r';
    if (is_return && at + 1 < text.size() && text[at + 1] == '\n') ++at;
    text[end++] = is_return ? '\n' : text[at];
  }
  text.resize(end);
}

}  // namespace

Corpus::Corpus(std::string name, std::string text, const CorpusFormat& format)
    : name_(std::move(name)), format_(format), text_(std::move(text)) {
  sha256_ = microgpt::sha256(text_);
  const bool drops_mark = format.byte_order_mark == ByteOrderMark::drop && text_.starts_with(kByteOrderMark);
  if (format_.encoding == Encoding::utf8) {
    require_no_foreign_format(name_, text_);
    if (format.invalid == InvalidUtf8::error)
      require_utf8(name_, text_);
    else if (find_invalid_utf8(text_))
      text_ = valid_text(text_, format.invalid, invalid_bytes_);
  }
  if (format_.fold_case) {
    if (format_.encoding == Encoding::bytes) throw ConfigError("fold_case", "is of characters, and bytes have no case");
    text_ = fold_case(text_);
  }
  find_documents(drops_mark ? kByteOrderMark.size() : 0);
}

Corpus::Corpus(std::string name, std::string_view embedded)
    : name_(std::move(name)), origin_(std::nullopt), embedded_(embedded) {
  sha256_ = microgpt::sha256(embedded_);
  require_utf8(name_, embedded_);
  find_documents(0);
}

Corpus Corpus::from_lines(std::string name, std::string text, ByteOrderMark byte_order_mark) {
  return {std::move(name), std::move(text), {.byte_order_mark = byte_order_mark}};
}

Corpus Corpus::from_text(std::string name, std::string text, Encoding encoding) {
  return {std::move(name), std::move(text), {.kind = CorpusKind::text, .encoding = encoding}};
}

Corpus Corpus::from_documents(std::string name, std::span<const std::string_view> documents, Encoding encoding) {
  std::string text;
  for (std::size_t d = 0; d < documents.size(); ++d) {
    if (count_line_ends(documents[d]) > 0)
      throw Error(fmt::format("{}: document {} has a line end, and a document is a line; make each line one", name, d + 1));
    text.append(documents[d]).push_back('\n');
  }
  return {std::move(name), std::move(text), {.encoding = encoding, .byte_order_mark = ByteOrderMark::keep}};
}

Corpus Corpus::from_documents(std::string name, std::span<const std::string> documents, Encoding encoding) {
  const std::vector<std::string_view> views(documents.begin(), documents.end());
  return from_documents(std::move(name), std::span<const std::string_view>(views), encoding);
}

void Corpus::find_documents(std::size_t begin) {
  if (format_.layout.kind != DocumentLayout::Kind::lines) return take_documents(begin);
  if (format_.kind == CorpusKind::text) return take_whole(begin);
  if (text().size() <= std::numeric_limits<std::uint32_t>::max()) return find_lines<std::uint32_t>(begin);
  find_lines<std::uint64_t>(begin);
}

template <typename Offset>
void Corpus::find_lines(std::size_t begin) {
  const std::string_view all = text();
  auto& documents = documents_.emplace<std::vector<Extent<Offset>>>();
  documents.reserve(count_line_ends(all) + 1);
  for (std::size_t at = begin; at < all.size();) {
    const std::size_t end = end_of_line(all, at);
    const std::string_view document = strip(format_.encoding, all.substr(at, end - at));
    if (!document.empty())
      documents.push_back({static_cast<Offset>(document.data() - all.data()), static_cast<Offset>(document.size())});
    at = start_of_next_line(all, end);
  }
  if (documents.empty())
    throw Error(fmt::format("{}: the corpus has no documents; it needs at least one line that is not blank", name_));
}

// The text becomes that of the documents alone, end to end.
void Corpus::take_documents(std::size_t begin) {
  require_valid(format_.layout, format_.encoding);
  if (format_.kind == CorpusKind::text) throw ConfigError("split", "a text is one document, and has no columns or separators");
  const std::string all = std::exchange(text_, {});
  auto& documents = documents_.emplace<std::vector<Extent<std::uint64_t>>>();
  const auto take = [&](const StreamedDocument& document) {
    if (document.text.empty()) return;
    documents.push_back({text_.size(), document.text.size()});
    text_ += document.text;
  };
  DocumentStream stream(name_, format_.encoding, InvalidUtf8::error, format_.layout, {take, {}});
  stream.feed(std::string_view(all).substr(begin));
  stream.finish();
  if (documents.empty()) throw Error(fmt::format("{}: the corpus has no documents where they are looked for", name_));
}

void Corpus::take_whole(std::size_t begin) {
  unify_line_ends(text_);
  if (begin == text_.size()) throw Error(fmt::format("{}: the text is empty; it needs at least one character", name_));
  documents_ = std::vector<Extent<std::uint64_t>>{{begin, text_.size() - begin}};
}

// Documents alone: what is between them is not needed any more.
template <typename Offset>
void Corpus::append(const Corpus& corpus) {
  auto& documents = std::get<std::vector<Extent<Offset>>>(documents_);
  for (std::size_t d = 0; d < corpus.size(); ++d) {
    documents.push_back({static_cast<Offset>(text_.size()), static_cast<Offset>(corpus[d].size())});
    text_ += corpus[d];
  }
}

Corpus Corpus::with_held_out(const Corpus* validation, const Corpus* test) const {
  Corpus all(*this);
  all.text_.clear();
  all.embedded_ = {};
  all.documents_ = std::vector<Extent<std::uint64_t>>();
  all.append<std::uint64_t>(*this);
  for (const Corpus* other : {validation, test}) {
    if (other == nullptr) continue;
    all.append<std::uint64_t>(*other);
  }
  all.given_validation_ = validation == nullptr ? 0 : validation->size();
  all.given_test_ = test == nullptr ? 0 : test->size();
  return all;
}

std::string_view Corpus::operator[](std::size_t index) const {
  assert(index < size());
  const auto document = [&](const auto& extents) { return text().substr(extents[index].begin, extents[index].size); };
  return std::visit(document, documents_);
}

Corpus embedded_names() { return {"the embedded US names of 2018", embedded_names_text()}; }

}  // namespace microgpt
