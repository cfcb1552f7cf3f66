// SPDX-License-Identifier: MIT
// Records of lines, one a line: as tab-separated values with a header, or as JSON, an object a line. docs/records.md describes
// both.
//
// The text comes first, and in pieces where it is long: it is out before its numbers are known. All functions append to `out`.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scoring/evaluation.h"
#include "text/names.h"

namespace microgpt {

enum class RecordFormat {
  tsv,
  jsonl,
};

inline constexpr std::array<Named<RecordFormat>, 2> kRecordFormatNames{{
    {RecordFormat::tsv, "tsv"},
    {RecordFormat::jsonl, "jsonl"},
}};

class Records {
 public:
  explicit Records(RecordFormat format) : format_(format) {}

  // "text" and these names; nothing of JSON. REQUIRES: a record's fields have these names in this order.
  void header(std::string& out, std::span<const std::string_view> names) const;

  void begin_text(std::string& out) const;
  // Bytes that are no UTF-8 are left as they are, and in JSON become U+FFFD.
  void text(std::string& out, std::string_view piece) const;
  void end_text(std::string& out) const;

  // A number in as many digits as tell it from all others, or "inf".
  void number(std::string& out, std::string_view name, double value) const;
  void numbers(std::string& out, std::string_view name, std::span<const double> values) const;
  // REQUIRES: letters only.
  void word(std::string& out, std::string_view name, std::string_view value) const;

  // Any text of UTF-8, escaped as text() is.
  void name(std::string& out, std::string_view name, std::string_view value) const;

  void end(std::string& out) const;

 private:
  void begin_field(std::string& out, std::string_view name) const;
  void value(std::string& out, double number) const;

  RecordFormat format_;
};

// What `score` says of a line.

// What a line's bits are divided by, to rank lines of unequal length.
enum class Per {
  token,
  character,
  document,
};

inline constexpr std::array<Named<Per>, 3> kPerNames{{
    {Per::token, "token"},
    {Per::character, "character"},
    {Per::document, "document"},
}};

// Per character it is infinite where there is none.
double bits_per(Per per, const DocumentLoss& loss);

// The fields text, bits, bits_per_character; bits_per_token where lines are ranked by that; and where they are wanted
// character_bits, the bits of each character and, last, of the end.
class ScoreRecords {
 public:
  ScoreRecords(RecordFormat format, Per per, bool with_character_bits);

  std::string header() const;

  // A whole record.
  void record(std::string& out, std::string_view text, const DocumentLoss& loss, std::span<const double> position_nats) const;

  // What of a record comes after the pieces of its text.
  void rest(std::string& out, const DocumentLoss& loss, std::span<const double> position_nats) const;

  const Records& records() const { return records_; }

 private:
  Records records_;
  Per per_;
  bool with_character_bits_;
};

}  // namespace microgpt
