// SPDX-License-Identifier: MIT
#include "text/document_stream.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "microgpt/error.h"
#include "text/encoded_text.h"

namespace microgpt {
namespace {

// Of a column that is given by its number, from 1.
std::optional<std::size_t> column_number(const std::string& column) {
  std::size_t number = 0;
  const char* const end = column.data() + column.size();
  const auto [stop, error] = std::from_chars(column.data(), end, number);
  if (error != std::errc{} || stop != end || number == 0) return std::nullopt;
  return number;
}

}  // namespace

void require_valid(const DocumentLayout& layout, Encoding encoding) {
  if (layout.kind == DocumentLayout::Kind::columns) {
    if (layout.column.empty()) throw ConfigError("column", "is empty: name one, or give its number from 1");
    const auto delimiter = static_cast<unsigned char>(layout.delimiter);
    if (delimiter >= 0x80 || delimiter == '"' || delimiter == '\n' || delimiter == '\r' || delimiter == 0)
      throw ConfigError("delimiter", "is a character of ASCII, and neither a quote nor a line end");
  }
  if (layout.kind == DocumentLayout::Kind::separated && layout.separator != kBlankLine) try {
      const Pattern pattern(layout.separator, encoding);
    } catch (const Error& error) {
      throw ConfigError("separator", error.what());
    }
}

DocumentStream::DocumentStream(std::string name, Encoding encoding, InvalidUtf8 invalid, DocumentLayout layout, Sink sink)
    : name_(std::move(name)),
      encoding_(encoding),
      layout_(std::move(layout)),
      sink_(std::move(sink)),
      lines_(name_, encoding, invalid,
             {[this](std::string_view piece) { line_ += piece; }, [this] { take_line(std::exchange(line_, {})); }},
             LineSpace::keep) {
  if (layout_.kind == DocumentLayout::Kind::separated && layout_.separator != kBlankLine)
    separator_ = std::make_unique<const Pattern>(layout_.separator, encoding);
  const auto number = column_number(layout_.column);
  column_ = number.value_or(1) - 1;
  is_header_ = layout_.header || !number;
}

void DocumentStream::finish() {
  lines_.finish();
  if (in_quotes_) throw Error(fmt::format("{}: line {}: a quote begins a field that no quote ends", name_, begin_ + 1));
  end_document();
}

void DocumentStream::fail(const std::string& what) const {
  throw Error(fmt::format("{}: line {} {}", name_, begin_ + 1, what));
}

void DocumentStream::take_line(std::string_view line) {
  switch (layout_.kind) {
    case DocumentLayout::Kind::separated:
      return take_line_of_several(line);
    case DocumentLayout::Kind::fasta:
      return take_line_of_fasta(line);
    default:
      return take_line_of_record(line);
  }
}

void DocumentStream::take_line_of_several(std::string_view line) {
  const bool separates = separator_ ? separator_->matches(line) : strip(encoding_, line).empty();
  if (separates) return end_document();
  if (std::exchange(has_text_, true))
    text_ += '\n';
  else
    begin_ = lines_.lines() - 1;
  text_ += line;
}

// Of a description, which begins with ">" or as of old with ";", the sequence goes on to the next one.
void DocumentStream::take_line_of_fasta(std::string_view line) {
  if (line.starts_with('>') || line.starts_with(';')) {
    has_description_ = true;
    return end_document();
  }
  const std::string_view sequence = strip(encoding_, line);
  if (sequence.empty()) return;
  if (!has_description_)
    throw Error(
        fmt::format("{}: line {} is before any line that begins with \">\", as those of FASTA do", name_, lines_.lines()));
  if (!std::exchange(has_text_, true)) begin_ = lines_.lines() - 1;
  text_ += sequence;
}

void DocumentStream::end_document() {
  if (std::exchange(has_text_, false)) {
    const std::string_view document = strip(encoding_, text_);
    if (!document.empty()) sink_.take({document, {}, begin_});
  }
  text_.clear();
}

// Blank ones between records are none.
void DocumentStream::take_line_of_record(std::string_view line) {
  if (!in_record_ && strip(encoding_, line).empty() && line.find(layout_.delimiter) == std::string_view::npos) return;
  if (std::exchange(in_record_, true)) {
    record_ += '\n';
    value_ += '\n';
  } else {
    begin_ = lines_.lines() - 1;
  }
  record_ += line;
  scan(line);
  if (!in_quotes_) end_record();
}

// A quote has a meaning where it begins a field, of records that tabs do not separate; two within such a field are one.
void DocumentStream::scan(std::string_view line) {
  for (std::size_t at = 0; at < line.size(); ++at) {
    const char c = line[at];
    if (in_quotes_) {
      if (c != '"')
        value_ += c;
      else if (line.substr(at + 1).starts_with('"'))
        value_ += line[++at];
      else
        in_quotes_ = false;
    } else if (c == layout_.delimiter) {
      end_field();
    } else if (c == '"' && at_field_begin_ && layout_.delimiter != '\t') {
      in_quotes_ = true;
      at_field_begin_ = false;
    } else {
      value_ += c;
      at_field_begin_ = false;
    }
  }
}

void DocumentStream::end_field() {
  if (is_header_)
    names_.push_back(value_);
  else if (field_ == column_)
    text_ = value_;
  value_.clear();
  ++field_;
  at_field_begin_ = true;
}

void DocumentStream::end_record() {
  end_field();
  in_record_ = false;
  std::string record = std::exchange(record_, {});
  const std::size_t fields = std::exchange(field_, 0);
  if (fields_ == 0) fields_ = fields;
  if (fields > fields_)
    fail(fmt::format("has {} columns, and the first record {}; is another --delimiter right?", fields, fields_));
  if (std::exchange(is_header_, false)) {
    find_column();
    if (sink_.take_header) sink_.take_header(record);
    return;
  }
  if (fields <= column_)
    fail(fmt::format("has {} column{}, and column {} is asked for; is another --delimiter right?", fields,
                     fields == 1 ? "" : "s", column_ + 1));
  record.append(fields_ - fields, layout_.delimiter);  // those that are missing are empty
  const std::string text = std::exchange(text_, {});
  sink_.take({strip(encoding_, text), record, begin_});
}

void DocumentStream::find_column() {
  const bool is_number = column_number(layout_.column).has_value();
  const auto found = std::find(names_.begin(), names_.end(), layout_.column);
  if (!is_number && found == names_.end())
    fail(fmt::format("names the columns {}, and \"{}\" is asked for", fmt::join(names_, ", "), layout_.column));
  if (!is_number && std::find(found + 1, names_.end(), layout_.column) != names_.end())
    fail(fmt::format("names the column \"{}\" twice: say which by its number, and --header", layout_.column));
  if (!is_number) column_ = static_cast<std::size_t>(found - names_.begin());
}

}  // namespace microgpt
