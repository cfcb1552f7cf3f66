// SPDX-License-Identifier: MIT
#include "report/explanation/attention_html.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "report/plots/short_symbol.h"
#include "report/plots/svg_text.h"

namespace microgpt {
namespace {

constexpr std::size_t kPanelColumns = 24;  // as many as a page is wide

std::string heading_cell(const PositionLoss& p) { return "<th>" + svg_text(short_symbol(p.input_symbol)) + "</th>"; }

std::string weight_cell(long percent) {
  return percent == 0 ? "<td></td>" : fmt::format("<td style=\"--w: {0}\">{0}</td>", percent);
}

std::string panel_table(const AttentionLayers& layers, std::size_t layer, std::size_t head, const AttentionPanel& panel) {
  const std::vector<PositionLoss>& positions = layers.explanation().positions;
  std::string text = "<tr><th></th>";
  for (std::size_t i = panel.begin; i < panel.column_end; ++i) text += heading_cell(positions[i]);
  text += "</tr>\n";
  for (std::size_t position = panel.begin; position < panel.row_end; ++position) {
    text += "<tr>" + heading_cell(positions[position]);
    const std::size_t begin = std::max(panel.begin, positions[position].attention_begin);
    if (begin > panel.begin) text += fmt::format("<th colspan=\"{}\"></th>", begin - panel.begin);
    for (std::size_t i = begin; i < std::min(panel.column_end, position + 1); ++i)
      text += weight_cell(layers.percent(layer, head, position, i));
    text += "</tr>\n";
  }
  return text;
}

std::string layer_html(const AttentionLayers& layers, std::size_t layer) {
  const Explanation& explanation = layers.explanation();
  std::string sentences, tables;
  for (std::size_t head = 0; head < explanation.heads.size(); ++head) {
    const std::string place = layers.only_place(layer, head);
    if (!place.empty()) {
      sentences += fmt::format("<p>Head {} {}.</p>\n", explanation.heads[head], svg_text(place));
      continue;
    }
    for (const AttentionPanel& panel : attention_panels(explanation, kPanelColumns)) {
      if (layers.is_blank(layer, head, panel))
        sentences += fmt::format("<p>H{}: nobody takes as much as 1%.</p>\n", layers.name_of(head, panel).substr(1));
      else
        tables += fmt::format("<table><caption>{}</caption>\n{}</table>\n", layers.name_of(head, panel),
                              panel_table(layers, layer, head, panel));
    }
  }
  return sentences + (tables.empty() ? "" : "<div class=\"heads\">\n" + tables + "</div>\n");
}

}  // namespace

std::string attention_html(const AttentionLayers& layers) {
  std::string text = fmt::format(
      "<h2>Attention{}</h2>\n<p>How much, in per cent, a position (down) takes of itself and of those before it (across), by "
      "their inputs. What rounds to 0 is blank.</p>\n",
      layers.size() == 1 ? " of the last layer" : "");
  for (std::size_t layer = 0; layer < layers.size(); ++layer) {
    if (layers.size() > 1) text += fmt::format("<h3>layer {}</h3>\n", layer);
    text += layer_html(layers, layer);
  }
  return text;
}

}  // namespace microgpt
