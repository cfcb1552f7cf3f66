// SPDX-License-Identifier: MIT
// Records of lines, one a line: as tab-separated or comma-separated values with a header, as JSON, an object a line, or in
// columns for people. docs/records.md describes them.
//
// The text comes first, and in pieces where it is long: it is out before its numbers are known. In columns it comes last, and
// is whole. All functions append to `out`.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scoring/evaluation.h"
#include "scoring/held_out_surprise.h"
#include "text/names.h"

namespace microgpt {

enum class RecordFormat {
  tsv,
  csv,  // RFC 4180, each text in quotes, so that readers take no word for a number or for nothing
  jsonl,
  table,
};

inline constexpr std::array<Named<RecordFormat>, 4> kRecordFormatNames{{
    {RecordFormat::tsv, "tsv"},
    {RecordFormat::csv, "csv"},
    {RecordFormat::jsonl, "jsonl"},
    {RecordFormat::table, "table"},
}};

struct RecordStyle {
  RecordFormat format = RecordFormat::tsv;
  std::optional<std::size_t> digits =
      {};                              // after the point; nothing: as many as tell a number from all others, or 3 in a table
  std::optional<char> delimiter = {};  // of CSV whose records are there already: what is said is appended to them by this
};

class Records {
 public:
  explicit Records(RecordStyle style) : style_(style) {}

  // "text" and these names; nothing of JSON. REQUIRES: a record's fields have these names in this order.
  void header(std::string& out, std::span<const std::string_view> names) const;

  // The same after the record of the names that are there already. REQUIRES: appends().
  void header_after(std::string& out, std::string_view record, std::span<const std::string_view> names) const;

  // A whole record: what `fields` appends, and the text before or after. A table's records are written in no other way.
  void record(std::string& out, std::string_view text, const std::function<void(std::string& out)>& fields) const;
  bool takes_pieces() const { return style_.format != RecordFormat::table; }
  bool appends() const { return style_.delimiter.has_value(); }

  void begin_text(std::string& out) const;
  // Bytes that are no UTF-8 are left as they are, and in JSON become U+FFFD.
  void text(std::string& out, std::string_view piece) const;
  void end_text(std::string& out) const;

  // A number; one that is infinite, as there is nothing to divide by, is left empty, and in JSON null.
  void number(std::string& out, std::string_view name, double value) const;
  void count(std::string& out, std::string_view name, std::size_t value) const;
  void numbers(std::string& out, std::string_view name, std::span<const double> values) const;
  // REQUIRES: letters only.
  void word(std::string& out, std::string_view name, std::string_view value) const;

  // Any text of UTF-8, escaped as text() is.
  void name(std::string& out, std::string_view name, std::string_view value) const;

  void end(std::string& out) const;

 private:
  RecordFormat format_of_fields() const;
  void append_text(std::string& out, std::string_view piece) const;
  void begin_field(std::string& out, std::string_view name) const;
  void append_value(std::string& out, double number) const;
  void append_column(std::string& out, std::string_view name, std::string_view value) const;

  RecordStyle style_;
};

// What `score` says of a line.

// What lines of unequal length are ranked by: what their bits are divided by, or what takes more of the model.
enum class Per {
  token,
  character,
  document,
  p_value,  // how odd they are for their length among held-out documents (scoring/held_out_surprise.h)
  excess,   // by how much the bits are above what the model expected, in standard deviations (DocumentLoss::excess)
  peak,     // the most surprising position, or run of positions, in bits
};

inline constexpr std::array<Named<Per>, 6> kPerNames{{
    {Per::token, "token"},
    {Per::character, "character"},
    {Per::document, "document"},
    {Per::p_value, "p_value"},
    {Per::excess, "excess"},
    {Per::peak, "peak"},
}};

// How odd a line is: the greater, the odder. Per character it is infinite where there is none. REQUIRES: the loss has what it
// takes; for p-values `held_out` is there.
double oddness(Per per, const DocumentLoss& loss, const HeldOutSurprise* held_out = nullptr);

// The fields text, bits, bits_per_character; what lines are ranked by, if it is something else, and where a peak begins; where
// they are wanted character_bits, the bits of each character and, last, of the end; and of lines of a stream their number.
class ScoreRecords {
 public:
  struct Fields {
    Per per = Per::character;
    bool character_bits = false;
    bool line = false;
    const HeldOutSurprise* held_out = nullptr;  // of the p-values; it must outlive the records
    bool count = false;                         // how often the line came
  };
  ScoreRecords(RecordStyle style, Fields fields);

  std::string header() const;
  std::string header_after(std::string_view record) const;

  // What a record says of its text.
  struct Line {
    const DocumentLoss& loss;
    std::span<const double> position_nats = {};
    std::size_t number = 0;  // from 0
    std::size_t count = 1;   // how often it came, where that is said
  };

  // A whole record.
  void record(std::string& out, std::string_view text, const Line& line) const;

  // What of a record comes after the pieces of its text.
  void rest(std::string& out, const Line& line) const;

  const Records& records() const { return records_; }

 private:
  std::vector<std::string_view> names() const;
  void fields(std::string& out, const Line& line) const;

  Records records_;
  Fields fields_;
};

}  // namespace microgpt
