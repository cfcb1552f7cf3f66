// SPDX-License-Identifier: MIT
#include "report/text_table.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <numeric>
#include <utility>

#include "text/encoded_text.h"

namespace microgpt {
namespace {

using Block = std::pair<char32_t, char32_t>;  // first and last code point

template <std::size_t N>
bool lies_in(const std::array<Block, N>& blocks, char32_t c) {
  return std::any_of(blocks.begin(), blocks.end(), [&](const Block& b) { return c >= b.first && c <= b.second; });
}

std::size_t columns_of(char32_t c) {
  static constexpr std::array<Block, 4> kCombining{{{0x300, 0x36F}, {0x1AB0, 0x1AFF}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}}};
  static constexpr std::array<Block, 6> kWide{
      {{0x1100, 0x115F}, {0x2E80, 0xA4CF}, {0xAC00, 0xD7A3}, {0xF900, 0xFAFF}, {0xFF00, 0xFF60}, {0x1F300, 0x3FFFD}}};
  if (lies_in(kCombining, c)) return 0;
  return lies_in(kWide, c) ? 2 : 1;
}

void append_aligned(std::string& line, const std::string& cell, std::size_t width, TextTable::Align align) {
  const std::string padding(width - display_width(cell), ' ');
  line += align == TextTable::Align::right ? padding + cell : cell + padding;
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  bool in_escape = false;
  for_each_character(text, [&](char32_t c) {
    if (c == U'\x1b') in_escape = true;
    if (!in_escape) width += columns_of(c);
    if (c == U'm') in_escape = false;
    return true;
  });
  return width;
}

void TextTable::add_row(std::vector<std::string> cells) {
  assert(cells.size() == columns_.size());
  rows_.push_back(std::move(cells));
}

std::vector<std::size_t> TextTable::column_widths() const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = display_width(columns_[i].heading);
    for (const auto& row : rows_) width = std::max(width, display_width(row[i]));
    widths.push_back(width);
  }
  return widths;
}

std::size_t TextTable::width(std::string_view indent) const {
  const std::vector<std::size_t> widths = column_widths();
  return std::accumulate(widths.begin(), widths.end(), indent.size() + kGap.size() * (widths.size() - 1));
}

std::string TextTable::str(std::string_view indent) const {
  const std::vector<std::size_t> widths = column_widths();
  std::vector<std::string> headings;
  std::vector<std::string> rules;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    headings.push_back(columns_[i].heading);
    rules.emplace_back();
    for (std::size_t j = 0; j < widths[i]; ++j) rules.back() += "─";
  }
  std::string text;
  const auto append_line = [&](const std::vector<std::string>& cells) {
    std::string line(indent);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) line += kGap;
      append_aligned(line, cells[i], widths[i], columns_[i].align);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  };
  append_line(headings);
  append_line(rules);
  for (const auto& row : rows_) append_line(row);
  return text;
}

std::string bar(double fraction, std::size_t width) {
  static constexpr std::array<const char*, 8> kEighths{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const double eighths = std::clamp(fraction, 0.0, 1.0) * static_cast<double>(8 * width);
  const auto filled = static_cast<std::size_t>(std::lround(eighths));
  std::string text;
  for (std::size_t i = 0; i < filled / 8; ++i) text += "█";
  return text + kEighths[filled % 8];
}

}  // namespace microgpt
