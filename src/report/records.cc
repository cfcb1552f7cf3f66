// SPDX-License-Identifier: MIT
#include "report/records.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>

#include "engine/loss.h"
#include "text/encoded_text.h"

namespace microgpt {
namespace {

constexpr std::string_view kReplacementBytes = "\xEF\xBF\xBD";

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

void append_for_tsv(std::string& out, char c) {
  if (c == '\t')
    out += "\\t";
  else if (c == '\\')
    out += "\\\\";
  else
    fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(c));
}

void append_for_csv(std::string& out, char c) { (out += c) += c; }  // a quote

void append_for_json(std::string& out, char c) {
  if (c == '"' || c == '\\')
    (out += '\\') += c;
  else
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
}

// Appends `piece` with append(out, c) for each character that is not itself.
template <typename IsSpecial>
void append_escaped(std::string& out, std::string_view piece, IsSpecial is_special, void append(std::string&, char)) {
  std::size_t done = 0;
  for (std::size_t at = 0; at < piece.size(); ++at) {
    if (!is_special(piece[at])) continue;
    out.append(piece.substr(done, at - done));
    append(out, piece[at]);
    done = at + 1;
  }
  out.append(piece.substr(done));
}

constexpr std::string_view kBits = "bits", kBitsPerCharacter = "bits_per_character", kBitsPerToken = "bits_per_token",
                           kCharacterBits = "character_bits", kExcess = "excess", kOddness = "oddness", kPValue = "p_value",
                           kPeak = "peak", kPeakBegin = "peak_begin", kLine = "line", kCount = "count";

constexpr std::size_t kTableDigits = 3;
constexpr std::size_t kColumnWidth = 8;  // at least, of a table

}  // namespace

void Records::header(std::string& out, std::span<const std::string_view> names) const {
  switch (style_.format) {
    case RecordFormat::jsonl:
      return;
    case RecordFormat::table:
      for (const std::string_view name : names) append_column(out, name, name);
      out += "text\n";
      return;
    case RecordFormat::tsv:
    case RecordFormat::csv:
      out += "text";
      for (const std::string_view name : names) (out += style_.format == RecordFormat::csv ? ',' : '\t') += name;
      out += '\n';
  }
}

void Records::header_after(std::string& out, std::string_view record, std::span<const std::string_view> names) const {
  out += record;
  for (const std::string_view name : names) (out += *style_.delimiter) += name;
  out += '\n';
}

void Records::record(std::string& out, std::string_view text, const std::function<void(std::string& out)>& fields) const {
  if (style_.format == RecordFormat::table) {
    fields(out);
    this->text(out, text);
    out += '\n';
    return;
  }
  begin_text(out);
  this->text(out, text);
  end_text(out);
  fields(out);
  end(out);
}

void Records::begin_text(std::string& out) const {
  if (appends()) return;
  if (style_.format == RecordFormat::jsonl) out += "{\"text\":";
  if (style_.format != RecordFormat::tsv) out += '"';
}

// What is appended to records that tabs separate has no quotes.
RecordFormat Records::format_of_fields() const { return style_.delimiter == '\t' ? RecordFormat::tsv : style_.format; }

void Records::text(std::string& out, std::string_view piece) const {
  if (appends())
    out += piece;
  else
    append_text(out, piece);
}

void Records::append_text(std::string& out, std::string_view piece) const {
  if (format_of_fields() == RecordFormat::tsv || style_.format == RecordFormat::table)
    return append_escaped(
        out, piece, [](char c) { return is_control(c) || c == '\\'; }, append_for_tsv);
  if (format_of_fields() == RecordFormat::csv)
    return append_escaped(
        out, piece, [](char c) { return c == '"'; }, append_for_csv);
  const auto append_valid = [&](std::string_view valid) {
    append_escaped(
        out, valid, [](char c) { return is_control(c) || c == '"' || c == '\\'; }, append_for_json);
  };
  while (const auto invalid = find_invalid_utf8(piece)) {
    append_valid(piece.substr(0, *invalid));
    out += kReplacementBytes;
    piece.remove_prefix(*invalid + invalid_utf8_length(piece, *invalid));
  }
  append_valid(piece);
}

void Records::end_text(std::string& out) const {
  if (style_.format != RecordFormat::tsv && !appends()) out += '"';
}

void Records::begin_field(std::string& out, std::string_view name) const {
  if (style_.format == RecordFormat::jsonl)
    fmt::format_to(std::back_inserter(out), ",\"{}\":", name);
  else
    out += style_.delimiter.value_or(style_.format == RecordFormat::csv ? ',' : '\t');
}

// Right-aligned, and two spaces after it.
void Records::append_column(std::string& out, std::string_view name, std::string_view value) const {
  fmt::format_to(std::back_inserter(out), "{:>{}}  ", value, std::max(name.size(), kColumnWidth));
}

void Records::append_value(std::string& out, double number) const {
  if (std::isinf(number))
    out += style_.format == RecordFormat::jsonl ? "null" : "";
  else if (style_.digits || style_.format == RecordFormat::table)
    fmt::format_to(std::back_inserter(out), "{:.{}f}", number, style_.digits.value_or(kTableDigits));
  else
    fmt::format_to(std::back_inserter(out), "{}", number);
}

void Records::number(std::string& out, std::string_view name, double number) const {
  if (style_.format == RecordFormat::table) {
    std::string value;
    append_value(value, number);
    return append_column(out, name, value);
  }
  begin_field(out, name);
  append_value(out, number);
}

void Records::count(std::string& out, std::string_view name, std::size_t value) const {
  if (style_.format == RecordFormat::table) return append_column(out, name, std::to_string(value));
  begin_field(out, name);
  out += std::to_string(value);
}

void Records::numbers(std::string& out, std::string_view name, std::span<const double> values) const {
  std::string list;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) list += ',';
    append_value(list, values[i]);
  }
  if (style_.format == RecordFormat::table) return append_column(out, name, list);
  begin_field(out, name);
  switch (format_of_fields()) {
    case RecordFormat::jsonl:
      out += '[' + list + ']';
      break;
    case RecordFormat::csv:
      out += '"' + list + '"';
      break;
    default:
      out += list;
  }
}

void Records::word(std::string& out, std::string_view name, std::string_view value) const {
  if (style_.format == RecordFormat::table) return append_column(out, name, value);
  begin_field(out, name);
  const std::string_view quote = style_.format == RecordFormat::jsonl ? "\"" : "";
  ((out += quote) += value) += quote;
}

void Records::name(std::string& out, std::string_view name, std::string_view value) const {
  std::string escaped;
  append_text(escaped, value);
  if (style_.format == RecordFormat::table) return append_column(out, name, escaped);
  begin_field(out, name);
  const std::string_view quote = format_of_fields() == RecordFormat::tsv ? "" : "\"";
  ((out += quote) += escaped) += quote;
}

void Records::end(std::string& out) const { out += style_.format == RecordFormat::jsonl ? "}\n" : "\n"; }

double oddness(Per per, const DocumentLoss& loss, const HeldOutSurprise* held_out) {
  switch (per) {
    case Per::p_value:
      return held_out->oddness(loss);
    case Per::token:
      return nats_to_bits(loss.token_mean());
    case Per::character:
      return bits_per_character(loss.token_mean(), loss.positions, loss.characters);
    case Per::excess:
      return loss.excess();
    case Per::peak:
      return nats_to_bits(loss.peak.nats);
    case Per::document:
      break;
  }
  return nats_to_bits(loss.nats);
}

ScoreRecords::ScoreRecords(RecordStyle style, Fields fields) : records_(style), fields_(fields) {}

std::string ScoreRecords::header() const {
  std::string out;
  records_.header(out, names());
  return out;
}

std::string ScoreRecords::header_after(std::string_view record) const {
  std::string out;
  records_.header_after(out, record, names());
  return out;
}

std::vector<std::string_view> ScoreRecords::names() const {
  std::vector<std::string_view> names{kBits, kBitsPerCharacter};
  if (fields_.per == Per::token) names.push_back(kBitsPerToken);
  if (fields_.per == Per::excess) names.push_back(kExcess);
  if (fields_.per == Per::p_value) names.insert(names.end(), {kOddness, kPValue});
  if (fields_.per == Per::peak) names.insert(names.end(), {kPeak, kPeakBegin});
  if (fields_.character_bits) names.push_back(kCharacterBits);
  if (fields_.line) names.push_back(kLine);
  if (fields_.count) names.push_back(kCount);
  return names;
}

void ScoreRecords::record(std::string& out, std::string_view text, const Line& line) const {
  records_.record(out, text, [&](std::string& to) { fields(to, line); });
}

void ScoreRecords::rest(std::string& out, const Line& line) const {
  records_.end_text(out);
  fields(out, line);
  records_.end(out);
}

void ScoreRecords::fields(std::string& out, const Line& line) const {
  records_.number(out, kBits, oddness(Per::document, line.loss));
  records_.number(out, kBitsPerCharacter, oddness(Per::character, line.loss));
  if (fields_.per == Per::token) records_.number(out, kBitsPerToken, oddness(Per::token, line.loss));
  if (fields_.per == Per::excess) records_.number(out, kExcess, line.loss.excess());
  if (fields_.per == Per::p_value) {
    records_.number(out, kOddness, fields_.held_out->oddness(line.loss));
    records_.number(out, kPValue, fields_.held_out->p_value(line.loss));
  }
  if (fields_.per == Per::peak) {
    records_.number(out, kPeak, oddness(Per::peak, line.loss));
    records_.count(out, kPeakBegin, line.loss.peak.position + 1);
  }
  if (fields_.character_bits) {
    std::vector<double> bits(line.position_nats.begin(), line.position_nats.end());
    std::transform(bits.begin(), bits.end(), bits.begin(), nats_to_bits);
    records_.numbers(out, kCharacterBits, bits);
  }
  if (fields_.line) records_.count(out, kLine, line.number + 1);
  if (fields_.count) records_.count(out, kCount, line.count);
}

}  // namespace microgpt
