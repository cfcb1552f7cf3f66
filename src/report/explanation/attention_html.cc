// SPDX-License-Identifier: MIT
#include "report/explanation/attention_html.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "report/explanation/attention_panels.h"
#include "report/plots/short_symbol.h"
#include "report/plots/svg_text.h"

namespace microgpt {
namespace {

constexpr std::size_t kPanelColumns = 24;  // as many as a page is wide

std::string heading_cell(const PositionLoss& p) { return "<th>" + svg_text(short_symbol(p.input_symbol)) + "</th>"; }

std::string table(const Explanation& explanation, std::size_t head, const AttentionPanel& panel) {
  std::string text = "<tr><th></th>";
  for (std::size_t i = panel.begin; i < panel.column_end; ++i) text += heading_cell(explanation.positions[i]);
  text += "</tr>\n";
  for (std::size_t position = panel.begin; position < panel.row_end; ++position) {
    const PositionLoss& p = explanation.positions[position];
    text += "<tr>" + heading_cell(p);
    const std::size_t begin = std::max(panel.begin, p.attention_begin);
    if (begin > panel.begin) text += fmt::format("<th colspan=\"{}\"></th>", begin - panel.begin);
    for (std::size_t i = begin; i < std::min(panel.column_end, position + 1); ++i)
      text += fmt::format("<td style=\"--w: {0}\">{0}</td>", std::lround(100.0 * p.attention[head][i - p.attention_begin]));
    text += "</tr>\n";
  }
  return text;
}

}  // namespace

std::string attention_html(const Explanation& explanation) {
  if (explanation.heads.empty()) return "";
  std::string text =
      "<h2>Attention of the last layer</h2>\n<p>How much, in per cent, a position (down) takes of itself and of those before "
      "it "
      "(across), by their inputs.</p>\n<div class=\"heads\">\n";
  for (std::size_t head = 0; head < explanation.heads.size(); ++head)
    for (const AttentionPanel& panel : attention_panels(explanation, kPanelColumns))
      text += fmt::format("<table><caption>head {}{}</caption>\n{}</table>\n", explanation.heads[head],
                          panel.begin == 0 && panel.column_end == explanation.positions.size()
                              ? ""
                              : fmt::format(", of positions {} to {}", panel.begin, panel.column_end - 1),
                          table(explanation, head, panel));
  return text + "</div>\n";
}

}  // namespace microgpt
