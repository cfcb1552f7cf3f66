// SPDX-License-Identifier: MIT
#include "report/sweep/sweep_svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "report/evaluation_table.h"
#include "report/plots/line_plot.h"
#include "report/plots/svg_text.h"
#include "report/sweep/sweep_report.h"
#include "report/text_table.h"

namespace microgpt {
namespace sweep_picture {
namespace {

constexpr double kLeft = 56, kTop = 64, kPlotWidth = 560, kPlotHeight = 330, kBottom = 52;
constexpr double kLineHeight = 17, kCharacterWidth = 7.2;
constexpr double kMinSeconds = 1e-3;

constexpr const char* kStyle = R"(  <style>
    .point { fill: #94a3b8; fill-opacity: 0.75; }
    .best { fill: #2563eb; }
    .front { stroke: #2563eb; stroke-width: 2; fill: none; stroke-linejoin: round; }
    text.best { fill: #2563eb; font-weight: 600; }
    text.number, text.ngram { paint-order: stroke; stroke: #ffffff; stroke-width: 4px; stroke-dasharray: none; }
    text.number { fill: #2563eb; font-weight: 600; }
    .seed { fill-opacity: 0.6; }
    @media (prefers-color-scheme: dark) {
      .point { fill: #64748b; }
      .best, text.best, text.number { fill: #60a5fa; }
      text.number, text.ngram { stroke: #0f172a; }
      .front { stroke: #60a5fa; }
    }
  </style>
)";

// From values to coordinates in the picture; x is logarithmic.
struct Scale {
  double x_min, x_max, y_min, y_max;
  double y_step;  // between two lines of the grid

  double x(double value) const { return kLeft + std::log(value / x_min) / std::log(x_max / x_min) * kPlotWidth; }
  double y(double value) const { return kTop + (y_max - std::min(value, y_max)) / (y_max - y_min) * kPlotHeight; }
};

std::vector<const SweepRow*> rows_that_went_well(const SweepReport& report) {
  std::vector<const SweepRow*> rows;
  for (const SweepRow& row : report.rows)
    if (row.result.losses) rows.push_back(&row);
  return rows;
}

std::vector<Point> points_of(const std::vector<const SweepRow*>& rows) {
  std::vector<Point> points;
  for (const SweepRow* row : rows)
    points.push_back({std::max(row->result.seconds, kMinSeconds), row->result.losses->validation.token_mean});
  return points;
}

// Above it a loss is far from the others: by Tukey's rule, one and a half times the distance between the quartiles above the
// upper one. `ascending` has a number.
double highest_typical(const std::vector<double>& ascending) {
  const double lower = ascending[ascending.size() / 4];
  const double upper = ascending[ascending.size() * 3 / 4];
  const double fence = upper + 1.5 * (upper - lower);
  return *std::prev(std::upper_bound(ascending.begin(), ascending.end(), fence));
}

Scale scale_of(const std::vector<Point>& points, const SweepReport& report) {
  std::vector<double> losses;
  double shortest = points.front().x, longest = shortest;
  for (const Point& point : points) {
    losses.push_back(point.y);
    shortest = std::min(shortest, point.x);
    longest = std::max(longest, point.x);
  }
  std::sort(losses.begin(), losses.end());
  double lowest = losses.front(), highest = highest_typical(losses);
  for (const SweepBaseline& row : report.baselines) {
    lowest = std::min(lowest, row.baseline.losses.validation.token_mean);
    highest = std::max(highest, row.baseline.losses.validation.token_mean);
  }
  const double step = tick_step(std::max(highest - lowest, 0.02), 7.0);
  const double margin = std::max(1.15, std::sqrt(4.0 * shortest / longest));  // at least a factor of 4 in all
  const double y_min = std::floor(lowest / step) * step;
  const double y_max = std::max(std::ceil(highest / step) * step, y_min + step);
  return {shortest / margin, longest * margin, y_min, y_max, step};
}

std::vector<double> time_ticks(const Scale& scale) {
  const double range = scale.x_max / scale.x_min;
  std::vector<double> factors{1.0};
  if (range <= 500.0) factors = {1.0, 2.0, 5.0};
  if (range <= 12.0) factors = {1.0, 1.5, 2.0, 3.0, 5.0, 7.0};
  std::vector<double> ticks;
  for (double power = std::floor(std::log10(scale.x_min)); power <= std::log10(scale.x_max); ++power)
    for (const double factor : factors)
      if (const double tick = factor * std::pow(10.0, power); tick >= scale.x_min && tick <= scale.x_max) ticks.push_back(tick);
  return ticks;
}

std::string grid_line(const char* name, double x1, double y1, double x2, double y2) {
  return fmt::format("  <line class=\"{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n", name, x1, y1, x2, y2);
}

std::string text_at(const char* name, double x, double y, const char* anchor, const std::string& text) {
  return fmt::format("  <text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", name, x, y, anchor,
                     svg_text(text));
}

std::string axes(const Scale& scale) {
  std::string svg;
  const int digits = scale.y_step < 0.01 ? 3 : scale.y_step < 0.1 ? 2 : 1;
  for (double y = scale.y_min; y <= scale.y_max + scale.y_step / 2; y += scale.y_step)
    svg += grid_line("grid", kLeft, scale.y(y), kLeft + kPlotWidth, scale.y(y)) +
           text_at("tick", kLeft - 8, scale.y(y) + 4.5, "end", fmt::format("{:.{}f}", y, digits));
  for (const double x : time_ticks(scale))
    svg += grid_line("grid", scale.x(x), kTop, scale.x(x), kTop + kPlotHeight) +
           text_at("tick", scale.x(x), kTop + kPlotHeight + 20, "middle", fmt::format("{:g}", x));
  return svg + text_at("axis", kLeft + kPlotWidth / 2, kTop + kPlotHeight + 42, "middle",
                       "seconds of training, of one thread (logarithmic)");
}

std::string ngram_lines(const SweepReport& report, const Scale& scale) {
  std::string svg;
  for (const SweepBaseline& row : report.baselines) {
    const double y = scale.y(row.baseline.losses.validation.token_mean);
    svg += grid_line("ngram", kLeft, y, kLeft + kPlotWidth, y);
  }
  return svg;
}

std::string ngram_name(const SweepReport& report, const Scale& scale) {
  double highest = 0.0;
  for (const SweepBaseline& row : report.baselines) highest = std::max(highest, row.baseline.losses.validation.token_mean);
  const std::string name = report.baselines.size() == 1
                               ? fmt::format("{} {:.3f}", name_of_ngram(report.baselines.front().baseline.order), highest)
                               : "n-grams, one for each split";
  return text_at("ngram", kLeft + kPlotWidth - 6, scale.y(highest) - 6, "end", name);
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string mark(const SweepRow& row, const Point& point, const Scale& scale, bool is_best) {
  const double x = scale.x(point.x), y = scale.y(point.y);
  const char* const name = is_best ? "best" : "point";
  const std::string shape =
      point.y > scale.y_max
          ? fmt::format("path class=\"{0}\" d=\"M{1:.1f} {2:.1f} l5 9 h-10 z\"", name, x, y)
          : fmt::format("circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\"", name, x, y, is_best ? 5 : 4);
  return fmt::format("  <{}><title>{}</title></{}>\n", shape,
                     svg_text(fmt::format("{}: {}; {:.4f}, {:.3g} s", row.number, joined(row.values), point.y, point.x)),
                     shape.substr(0, shape.find(' ')));
}

std::string front_line(const std::vector<std::size_t>& front, const std::vector<Point>& points, const Scale& scale) {
  std::string svg = "  <polyline class=\"front\" points=\"";
  for (const std::size_t i : front) svg += fmt::format("{:.1f},{:.1f} ", scale.x(points[i].x), scale.y(points[i].y));
  return svg + "\"/>\n";
}

// Left of each and below, where no point can be. The best comes first: those that would touch the one before are in the list
// only.
std::string front_numbers(const std::vector<std::size_t>& front, const std::vector<const SweepRow*>& rows,
                          const std::vector<Point>& points, const Scale& scale) {
  std::string svg;
  double free_x = kLeft + 2.0 * kPlotWidth, last_y = 0.0;
  for (auto i = front.rbegin(); i != front.rend(); ++i) {
    const double x = scale.x(points[*i].x), y = scale.y(points[*i].y);
    if (x > free_x && last_y - y < kLineHeight) continue;
    const std::string number = fmt::format("{}", rows[*i]->number);
    svg += text_at("number", x - 6, y + 15, "end", number);
    free_x = x - 6 - 1.2 * kCharacterWidth * static_cast<double>(number.size());
    last_y = y;
  }
  return svg;
}

// Beside the picture, of each point of the front: its number, loss and seconds, and its settings, last the seed, which is none.
class FrontList {
 public:
  FrontList(const std::vector<std::size_t>& front, const std::vector<const SweepRow*>& rows, const SweepReport& report) {
    add_column("best", "best", front, [&](std::size_t i) { return fmt::format("{}", rows[i]->number); });
    add_column("list", "loss", front,
               [&](std::size_t i) { return fmt::format("{:.4f}", rows[i]->result.losses->validation.token_mean); });
    add_column("list", "seconds", front, [&](std::size_t i) { return fmt::format("{:.3g}", rows[i]->result.seconds); });
    for (const bool is_seed : {false, true})
      for (std::size_t s = 0; s < report.varying.size(); ++s)
        if ((report.varying[s] == kSeedSetting) == is_seed)
          add_column(is_seed ? "seed" : "list", report.varying[s], front, [&](std::size_t i) { return rows[i]->values[s]; });
    height_ = kLineHeight * static_cast<double>(front.size() + 2);
  }

  // Where it ends.
  double right() const { return right_; }
  double height() const { return height_; }
  const std::string& draw() const { return svg_; }

 private:
  static constexpr double kGap = 18;

  template <typename Cell>
  void add_column(const char* name, const std::string& heading, const std::vector<std::size_t>& front, Cell cell) {
    std::size_t longest = display_width(heading);
    for (const std::size_t i : front) longest = std::max(longest, display_width(cell(i)));
    right_ += kGap + kCharacterWidth * static_cast<double>(longest);
    double y = kTop + 4;
    svg_ += text_at("axis", right_, y, "end", heading);
    for (const std::size_t i : front) svg_ += text_at(name, right_, y += kLineHeight, "end", cell(i));
  }

  double right_ = kLeft + kPlotWidth + 6, height_ = 0.0;
  std::string svg_;
};

}  // namespace
}  // namespace sweep_picture

std::string sweep_svg(const std::string& title, const SweepReport& report) {
  using namespace sweep_picture;
  const std::vector<const SweepRow*> rows = rows_that_went_well(report);
  const std::vector<Point> points = points_of(rows);
  const std::vector<std::size_t> front = pareto_front(points);
  const FrontList list(front, rows, report);
  const double width = std::ceil(list.right()) + 16;
  const double height = kTop + std::max(kPlotHeight + kBottom, list.height());
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" role=\"img\">\n"
      "  <title>{2}</title>\n{3}{4}"
      "  <text class=\"title\" x=\"16\" y=\"26\">{2}</text>\n"
      "  <text x=\"16\" y=\"46\">loss on validation, nats (mean over tokens)</text>\n",
      width, height, svg_text(title), kPlotStyle, kStyle);
  if (points.empty()) return svg + "</svg>\n";
  const Scale scale = scale_of(points, report);
  svg += axes(scale) + ngram_lines(report, scale) + front_line(front, points, scale);
  for (std::size_t i = points.size(); i-- > 0;)
    svg += mark(*rows[i], points[i], scale, std::find(front.begin(), front.end(), i) != front.end());
  return svg + ngram_name(report, scale) + front_numbers(front, rows, points, scale) + list.draw() + "</svg>\n";
}

}  // namespace microgpt
