// SPDX-License-Identifier: MIT
// Colours, where the reader's terminal has them; otherwise the text as it is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace microgpt {

struct Style {
  bool color = false;

  std::string bold(std::string_view text) const { return paint("1", text); }
  std::string dim(std::string_view text) const { return paint("2", text); }
  std::string red(std::string_view text) const { return paint("31", text); }
  std::string green(std::string_view text) const { return paint("32", text); }
  std::string yellow(std::string_view text) const { return paint("33", text); }

 private:
  std::string paint(std::string_view code, std::string_view text) const {
    if (!color || text.empty()) return std::string(text);
    return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
  }
};

// A table of text for the terminal: columns as wide as they must be, two spaces apart.

// The number of columns of a terminal that `text` takes: escape sequences of colours and combining marks none, wide
// characters of East Asia two, all others one. REQUIRES: valid UTF-8.
std::size_t display_width(std::string_view text);

class TextTable {
 public:
  enum class Align { left, right };
  struct Column {
    std::string heading;
    Align align;
  };

  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // REQUIRES: as many cells as columns.
  void add_row(std::vector<std::string> cells);

  // The columns of the terminal that its widest line takes.
  std::size_t width(std::string_view indent = kIndent) const;

  // The heading, a rule and the rows, each line starting with `indent` and ending in "\n"; no trailing spaces.
  std::string str(std::string_view indent = kIndent) const;

 private:
  static constexpr std::string_view kIndent = "  ";
  static constexpr std::string_view kGap = "  ";

  std::vector<std::size_t> column_widths() const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// A horizontal bar of block characters, in steps of an eighth of a column: `fraction` of `width` columns; what is below 0 or
// above 1 counts as 0 or 1.
std::string bar(double fraction, std::size_t width);

}  // namespace microgpt
