// SPDX-License-Identifier: MIT
#include "report/explanation/attention_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "report/explanation/attention_panels.h"
#include "report/plots/short_symbol.h"
#include "report/text_table.h"

namespace microgpt {
namespace {

constexpr std::size_t kIndent = 2;
constexpr std::size_t kNarrowest = 4;  // " 100"

std::string right_aligned(const std::string& text, std::size_t width) {
  return std::string(width - std::min(width, display_width(text)), ' ') + text;
}

std::string shade(const std::string& text, double weight, double most, const Style& style) {
  if (weight == most) return style.bold(text);
  return weight < 0.1 ? style.dim(text) : text;
}

class Table {
 public:
  Table(const Explanation& explanation, const Style& style) : explanation_(explanation), style_(style) {
    for (const PositionLoss& p : explanation.positions) label_ = std::max(label_, display_width(symbol(p)));
    cell_ = std::max(kNarrowest, label_ + 1);
  }

  std::size_t cells_in(std::size_t columns) const {
    const std::size_t taken = kIndent + label_ + 1;  // the last column of a terminal stays free
    return std::max<std::size_t>(1, (columns - std::min(columns, taken)) / cell_);
  }

  std::string str(std::size_t head, const AttentionPanel& panel) const {
    std::string text(kIndent + label_, ' ');
    for (std::size_t i = panel.begin; i < panel.column_end; ++i)
      text += right_aligned(symbol(explanation_.positions[i]), cell_);
    text += "\n";
    for (std::size_t i = panel.begin; i < panel.row_end; ++i) text += row(explanation_.positions[i], i, head, panel);
    return text;
  }

 private:
  static std::string symbol(const PositionLoss& p) { return short_symbol(p.input_symbol); }

  std::string row(const PositionLoss& p, std::size_t position, std::size_t head, const AttentionPanel& panel) const {
    const std::vector<double>& weights = p.attention[head];
    const double most = *std::max_element(weights.begin(), weights.end());
    std::string text = std::string(kIndent, ' ') + right_aligned(symbol(p), label_);
    const std::size_t begin = std::max(panel.begin, p.attention_begin);
    text += std::string(cell_ * (begin - panel.begin), ' ');
    for (std::size_t i = begin; i < std::min(panel.column_end, position + 1); ++i) {
      const double weight = weights[i - p.attention_begin];
      text += shade(right_aligned(fmt::format("{}", std::lround(100.0 * weight)), cell_), weight, most, style_);
    }
    return text + "\n";
  }

  const Explanation& explanation_;
  const Style& style_;
  std::size_t label_ = 0;
  std::size_t cell_;
};

}  // namespace

std::string attention_table(const Explanation& explanation, const Style& style, std::size_t columns) {
  const Table table(explanation, style);
  const std::vector<AttentionPanel> panels = attention_panels(explanation, table.cells_in(columns));
  std::string text =
      "  Attention of the last layer: how much, in per cent, a position (down) takes\n"
      "  of itself and of those before it (across), by their inputs.\n";
  for (std::size_t head = 0; head < explanation.heads.size(); ++head)
    for (const AttentionPanel& panel : panels) {
      text += "\n  " + style.bold(fmt::format("head {}", explanation.heads[head]));
      if (panels.size() > 1) text += fmt::format(", of positions {} to {}", panel.begin, panel.column_end - 1);
      text += "\n" + table.str(head, panel);
    }
  return text;
}

}  // namespace microgpt
