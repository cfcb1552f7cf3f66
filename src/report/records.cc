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
                           kCharacterBits = "character_bits";

}  // namespace

void Records::header(std::string& out, std::span<const std::string_view> names) const {
  if (format_ == RecordFormat::jsonl) return;
  out += "text";
  for (const std::string_view name : names) (out += '\t') += name;
  out += '\n';
}

void Records::begin_text(std::string& out) const {
  if (format_ == RecordFormat::jsonl) out += "{\"text\":\"";
}

void Records::text(std::string& out, std::string_view piece) const {
  if (format_ == RecordFormat::tsv)
    return append_escaped(
        out, piece, [](char c) { return is_control(c) || c == '\\'; }, append_for_tsv);
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
  if (format_ == RecordFormat::jsonl) out += '"';
}

void Records::begin_field(std::string& out, std::string_view name) const {
  if (format_ == RecordFormat::jsonl)
    fmt::format_to(std::back_inserter(out), ",\"{}\":", name);
  else
    out += '\t';
}

void Records::value(std::string& out, double number) const {
  const bool needs_quotes = format_ == RecordFormat::jsonl && std::isinf(number);
  if (needs_quotes) out += '"';
  fmt::format_to(std::back_inserter(out), "{}", number);
  if (needs_quotes) out += '"';
}

void Records::number(std::string& out, std::string_view name, double number) const {
  begin_field(out, name);
  value(out, number);
}

void Records::numbers(std::string& out, std::string_view name, std::span<const double> values) const {
  const bool is_json = format_ == RecordFormat::jsonl;
  begin_field(out, name);
  if (is_json) out += '[';
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += ',';
    value(out, values[i]);
  }
  if (is_json) out += ']';
}

void Records::word(std::string& out, std::string_view name, std::string_view value) const {
  begin_field(out, name);
  const std::string_view quote = format_ == RecordFormat::jsonl ? "\"" : "";
  ((out += quote) += value) += quote;
}

void Records::name(std::string& out, std::string_view name, std::string_view value) const {
  begin_field(out, name);
  if (format_ == RecordFormat::jsonl) out += '"';
  text(out, value);
  end_text(out);
}

void Records::end(std::string& out) const { out += format_ == RecordFormat::jsonl ? "}\n" : "\n"; }

double bits_per(Per per, const DocumentLoss& loss) {
  switch (per) {
    case Per::token:
      return nats_to_bits(loss.token_mean());
    case Per::character:
      return bits_per_character(loss.token_mean(), loss.positions, loss.characters);
    case Per::document:
      break;
  }
  return nats_to_bits(loss.nats);
}

ScoreRecords::ScoreRecords(RecordFormat format, Per per, bool with_character_bits)
    : records_(format), per_(per), with_character_bits_(with_character_bits) {}

std::string ScoreRecords::header() const {
  std::vector<std::string_view> names{kBits, kBitsPerCharacter};
  if (per_ == Per::token) names.push_back(kBitsPerToken);
  if (with_character_bits_) names.push_back(kCharacterBits);
  std::string out;
  records_.header(out, names);
  return out;
}

void ScoreRecords::record(std::string& out, std::string_view text, const DocumentLoss& loss,
                          std::span<const double> position_nats) const {
  records_.begin_text(out);
  records_.text(out, text);
  rest(out, loss, position_nats);
}

void ScoreRecords::rest(std::string& out, const DocumentLoss& loss, std::span<const double> position_nats) const {
  records_.end_text(out);
  records_.number(out, kBits, bits_per(Per::document, loss));
  records_.number(out, kBitsPerCharacter, bits_per(Per::character, loss));
  if (per_ == Per::token) records_.number(out, kBitsPerToken, bits_per(Per::token, loss));
  if (with_character_bits_) {
    std::vector<double> bits(position_nats.begin(), position_nats.end());
    std::transform(bits.begin(), bits.end(), bits.begin(), nats_to_bits);
    records_.numbers(out, kCharacterBits, bits);
  }
  records_.end(out);
}

}  // namespace microgpt
