// SPDX-License-Identifier: MIT
#include "report/explanation/attention_svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "report/explanation/explanation_picture.h"
#include "report/plots/short_symbol.h"
#include "report/plots/svg_text.h"

namespace microgpt {
namespace attention_drawing {
namespace {

constexpr double kCell = 23, kNames = 32,
                 kCaption = 20;  // of a table, in pixels: a cell, and what stands on its left and above
constexpr double kGap = 24, kBelow = 14;
constexpr double kLine = 20;

class Drawing {
 public:
  Drawing(const AttentionLayers& layers, double left, double right, double top)
      : layers_(layers),
        left_(left),
        right_(right),
        top_(top),
        panels_(attention_panels(layers.explanation(), static_cast<std::size_t>((right - left - kNames) / kCell))),
        y_(top) {}

  AttentionDrawing drawing() {
    write("heading", left_, layers_.size() == 1 ? "Attention of the last layer" : "Attention");
    write("faint", left_, "how much, in per cent, a position (down) takes of itself and of those before it (across)");
    for (std::size_t layer = 0; layer < layers_.size(); ++layer) draw_layer(layer);
    return {std::move(svg_), y_ - top_};
  }

 private:
  // A line of text.
  void write(const char* name, double x, const std::string& text) {
    y_ += kLine;
    svg_ += fmt::format("  <text class=\"{}\" x=\"{}\" y=\"{:.1f}\">{}</text>\n", name, x, y_, svg_text(text));
  }

  // Sentences first: tables stand side by side.
  void draw_layer(std::size_t layer) {
    const Explanation& explanation = layers_.explanation();
    if (layers_.size() > 1) {
      y_ += kBelow;
      write("heading", left_, fmt::format("layer {}", layer));
    }
    for (std::size_t head = 0; head < explanation.heads.size(); ++head)
      if (const std::string place = layers_.only_place(layer, head); !place.empty())
        write("faint", left_, fmt::format("head {} {}", explanation.heads[head], place));
      else
        for (const AttentionPanel& panel : panels_)
          if (layers_.is_blank(layer, head, panel))
            write("faint", left_, layers_.name_of(head, panel) + ": nobody takes as much as 1%");
    x_ = left_;
    below_ = y_ += kBelow;
    for (std::size_t head = 0; head < explanation.heads.size(); ++head) {
      if (!layers_.only_place(layer, head).empty()) continue;
      for (const AttentionPanel& panel : panels_)
        if (!layers_.is_blank(layer, head, panel)) draw_panel(layer, head, panel);
    }
    y_ = below_;
  }

  // Right of the one before, or below where there is no space.
  void draw_panel(std::size_t layer, std::size_t head, const AttentionPanel& panel) {
    const double width = kNames + kCell * static_cast<double>(panel.column_end - panel.begin);
    if (x_ > left_ && x_ + width > right_) {
      x_ = left_;
      y_ = below_;
    }
    svg_ +=
        fmt::format("  <text class=\"faint\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", x_, y_ + 12, layers_.name_of(head, panel));
    for (std::size_t i = panel.begin; i < panel.column_end; ++i)
      name(i, x_ + kNames + kCell * (static_cast<double>(i - panel.begin) + 0.5), y_ + kCaption + 14, "middle");
    for (std::size_t position = panel.begin; position < panel.row_end; ++position) draw_row(layer, head, panel, position);
    below_ = std::max(below_, y_ + kCaption + kCell * static_cast<double>(1 + panel.row_end - panel.begin) + kBelow);
    x_ += width + kGap;
  }

  void draw_row(std::size_t layer, std::size_t head, const AttentionPanel& panel, std::size_t position) {
    const double y = y_ + kCaption + kCell * static_cast<double>(1 + position - panel.begin);
    name(position, x_ + kNames - 5, y + 16, "end");
    const std::size_t begin = std::max(panel.begin, layers_.explanation().positions[position].attention_begin);
    for (std::size_t i = begin; i < std::min(panel.column_end, position + 1); ++i) {
      const long percent = layers_.percent(layer, head, position, i);
      if (percent == 0) continue;
      const double x = x_ + kNames + kCell * static_cast<double>(i - panel.begin);
      svg_ += fmt::format(
          "  <rect class=\"weight\" x=\"{0:.1f}\" y=\"{1:.1f}\" width=\"{2}\" height=\"{2}\" fill-opacity=\"{3:.2f}\"/>"
          "<text class=\"percent\" x=\"{4:.1f}\" y=\"{5:.1f}\">{6}</text>\n",
          x, y, kCell - 1, 0.009 * static_cast<double>(percent), x + kCell / 2, y + 15.5, percent);
    }
  }

  void name(std::size_t position, double x, double y, const char* anchor) {
    const std::string symbol = short_symbol(layers_.explanation().positions[position].input_symbol);
    svg_ += fmt::format("  <text class=\"input{}\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n",
                        smallness_of(symbol), x, y, anchor, svg_text(symbol));
  }

  const AttentionLayers& layers_;
  double left_, right_, top_;
  std::vector<AttentionPanel> panels_;
  double x_ = 0.0, y_;  // of the next table
  double below_ = 0.0;  // the end of the tables so far
  std::string svg_;
};

}  // namespace
}  // namespace attention_drawing

AttentionDrawing draw_attention(const AttentionLayers& layers, double left, double right, double top) {
  return attention_drawing::Drawing(layers, left, right, top).drawing();
}

}  // namespace microgpt
