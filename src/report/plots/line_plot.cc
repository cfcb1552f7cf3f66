// SPDX-License-Identifier: MIT
#include "report/plots/line_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "report/text_table.h"
#include "text/encoded_text.h"

namespace microgpt {
namespace {

constexpr std::size_t kDotsAcross = 2;
constexpr std::size_t kDotsDown = 4;
constexpr std::size_t kMarginWidth = 6;  // the numbers of the y axis

class BrailleCanvas {
 public:
  BrailleCanvas(std::size_t width, std::size_t height) : width_(width), cells_(width * height, 0) {}

  void set(std::size_t x, std::size_t y) {
    // Dots 1-3 and 7 down the left column, 4-6 and 8 down the right one.
    static constexpr unsigned kDotBits[kDotsDown][kDotsAcross] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    cells_[(y / kDotsDown) * width_ + x / kDotsAcross] |= kDotBits[y % kDotsDown][x % kDotsAcross];
  }

  // Whether the cell of a dot has none yet.
  bool is_free(std::size_t x, std::size_t y) const { return cells_[(y / kDotsDown) * width_ + x / kDotsAcross] == 0; }

  // In cells that `above` has dots in, these alone.
  std::string row(std::size_t row, const BrailleCanvas& above) const {
    std::string text;
    for (std::size_t column = 0; column < width_; ++column) {
      const std::size_t cell = row * width_ + column;
      const unsigned bits = above.cells_[cell] == 0 ? cells_[cell] : above.cells_[cell];
      append_utf8(text, bits == 0 ? U' ' : U'\u2800' + bits);
    }
    return text;
  }

 private:
  std::size_t width_;
  std::vector<unsigned> cells_;
};

class Drawing {
 public:
  explicit Drawing(const LinePlot& plot) : plot_(plot), canvas_(plot.width, plot.height), line_(plot.width, plot.height) {
    for (const Point& dot : plot.dots) draw_dot(dot);
    for (const Level& level : plot.levels) draw_level(level.y);
    draw_curve();
  }

  std::string row(std::size_t row) const { return canvas_.row(row, line_); }

  std::optional<std::size_t> row_of(double y) const {
    const auto dot = dot_of_y(y);
    return dot ? std::optional(*dot / kDotsDown) : std::nullopt;
  }

  std::size_t column_of(double x) const { return dot_of_x(x) / kDotsAcross; }

 private:
  std::size_t dots_across() const { return plot_.width * kDotsAcross; }
  std::size_t dots_down() const { return plot_.height * kDotsDown; }

  std::size_t dot_of_x(double x) const {
    const double share = std::clamp((x - plot_.x_min) / (plot_.x_max - plot_.x_min), 0.0, 1.0);
    return static_cast<std::size_t>(std::lround(share * static_cast<double>(dots_across() - 1)));
  }

  // The nearest row of dots of a y that may lie outside.
  std::size_t clamped_dot_of_y(double y) const {
    const double share = std::clamp((plot_.y_max - y) / (plot_.y_max - plot_.y_min), 0.0, 1.0);
    return static_cast<std::size_t>(std::lround(share * static_cast<double>(dots_down() - 1)));
  }

  std::optional<std::size_t> dot_of_y(double y) const {
    if (!(y >= plot_.y_min && y <= plot_.y_max)) return std::nullopt;
    return clamped_dot_of_y(y);
  }

  void draw_level(double y) {
    const auto dot = dot_of_y(y);
    if (!dot) return;
    for (std::size_t x = 0; x < dots_across(); x += 4) canvas_.set(x, *dot);
  }

  // One a character: more would be strokes, which look like the line.
  void draw_dot(const Point& point) {
    const auto dot = dot_of_y(point.y);
    if (!dot || point.x < plot_.x_min || point.x > plot_.x_max) return;
    const std::size_t x = dot_of_x(point.x);
    if (canvas_.is_free(x, *dot)) canvas_.set(x, *dot);
  }

  // Twice as thick where it lies among dots.
  void draw_line_dot(std::size_t x, std::size_t y) {
    line_.set(x, y);
    if (!plot_.dots.empty() && y + 1 < dots_down()) line_.set(x, y + 1);
  }

  // One dot a column, and where the curve is steeper than that or comes from outside, a stroke up to the last column's dot.
  void draw_curve() {
    std::optional<std::size_t> previous;
    for (std::size_t x = 0; x < dots_across() && !plot_.curve.empty(); ++x) {
      const double share = static_cast<double>(x) / static_cast<double>(dots_across() - 1);
      const double at = plot_.x_min + (plot_.x_max - plot_.x_min) * share;
      if (at < plot_.curve.front().x || at > plot_.curve.back().x) continue;
      const double y = curve_at(at);
      if (const auto dot = dot_of_y(y)) {
        draw_line_dot(x, *dot);
        for (std::size_t above = *dot; previous && above > *previous + 1; --above) draw_line_dot(x, above - 1);
        for (std::size_t below = *dot; previous && below + 1 < *previous; ++below) draw_line_dot(x, below + 1);
      }
      previous = clamped_dot_of_y(y);
    }
  }

  double curve_at(double x) const {
    const auto right =
        std::lower_bound(plot_.curve.begin(), plot_.curve.end(), x, [](const Point& p, double at) { return p.x < at; });
    if (right == plot_.curve.begin()) return right->y;
    const auto left = std::prev(right);
    const double share = (x - left->x) / (right->x - left->x);
    return left->y + share * (right->y - left->y);
  }

  const LinePlot& plot_;
  BrailleCanvas canvas_;  // levels and dots
  BrailleCanvas line_;    // the curve
};

std::string x_axis(const LinePlot& plot, const Drawing& drawing) {
  std::string line(kMarginWidth, ' ');
  line += "└";
  std::string labels(kMarginWidth + 1 + plot.width + 12, ' ');
  std::vector<bool> ticks(plot.width);
  for (const double x : plot.x_ticks) {
    const std::size_t column = drawing.column_of(x);
    ticks[column] = true;
    const std::string label = fmt::format("{:g}", x);
    const std::size_t start = kMarginWidth + 1 + column - std::min(column, label.size() / 2);
    labels.replace(start, label.size(), label);
  }
  for (const bool tick : ticks) line += tick ? "┴" : "─";
  labels.erase(labels.find_last_not_of(' ') + 1);
  return line + "\n" + labels + "   " + plot.x_label + "\n";
}

// The row, or the one nearest to it that has no note yet: below it rather than above. The row itself where all have.
std::size_t free_row(const std::vector<std::string>& notes, std::size_t row) {
  for (std::size_t away = 0; away < notes.size(); ++away) {
    if (row + away < notes.size() && notes[row + away].empty()) return row + away;
    if (away <= row && notes[row - away].empty()) return row - away;
  }
  return row;
}

}  // namespace

void LinePlot::fit_into(std::size_t columns) {
  constexpr std::size_t kNarrowestPlot = 20;
  constexpr std::size_t kWidest = 100;
  std::size_t taken = kMarginWidth + 2;  // the axis, and the last column of the terminal
  for (const Level& level : levels) taken = std::max(taken, kMarginWidth + 3 + display_width(level.label));
  width = std::clamp(columns - std::min(columns, taken), kNarrowestPlot, kWidest);
}

std::string LinePlot::str() const {
  const Drawing drawing(*this);
  std::vector<std::string> margins(height);
  std::vector<std::string> notes(height);
  for (const double y : y_ticks)
    if (const auto row = drawing.row_of(y)) margins[*row] = fmt::format("{:.2f}", y);
  for (const Level& level : levels)
    if (const auto row = drawing.row_of(level.y)) notes[free_row(notes, *row)] = " " + level.label;
  std::string text = title + "\n";
  for (std::size_t row = 0; row < height; ++row) {
    std::string line =
        fmt::format("{:>{}}{}{}{}", margins[row], kMarginWidth, margins[row].empty() ? "│" : "┤", drawing.row(row), notes[row]);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text + x_axis(*this, drawing);
}

}  // namespace microgpt
