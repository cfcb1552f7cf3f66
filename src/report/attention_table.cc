#include "report/attention_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "report/text_table.h"

namespace microgpt {
namespace {

constexpr std::size_t kCell = 4;

std::string right_aligned(const std::string& text, std::size_t width) {
  return std::string(width - std::min(width, display_width(text)), ' ') + text;
}

std::string shade(const std::string& text, double weight, double most, const Style& style) {
  if (weight == most) return style.bold(text);
  return weight < 0.1 ? style.dim(text) : text;
}

std::string row_of(const PositionLoss& position, std::size_t head, const Style& style) {
  const std::vector<double>& weights = position.attention[head];
  const double most = *std::max_element(weights.begin(), weights.end());
  std::string row(kCell * position.attention_begin, ' ');
  for (const double weight : weights)
    row += shade(right_aligned(fmt::format("{}", std::lround(100.0 * weight)), kCell), weight, most, style);
  return row;
}

}  // namespace

std::string attention_table(const Explanation& explanation, const Style& style) {
  std::size_t label = 0;
  std::string symbols;
  for (const PositionLoss& p : explanation.positions) {
    label = std::max(label, display_width(p.input_symbol));
    symbols += right_aligned(p.input_symbol, kCell);
  }
  std::string text =
      "  Attention of the last layer: how much, in per cent, a position (down) takes of\n"
      "  itself and of those before it (across), by their inputs.\n";
  for (std::size_t head = 0; head < explanation.positions.front().attention.size(); ++head) {
    text += fmt::format("\n  {}\n  {}{}\n", style.bold(fmt::format("head {}", head)), std::string(label, ' '), symbols);
    for (const PositionLoss& p : explanation.positions)
      text += fmt::format("  {}{}\n", right_aligned(p.input_symbol, label), row_of(p, head, style));
  }
  return text;
}

}  // namespace microgpt
