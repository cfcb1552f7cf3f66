// SPDX-License-Identifier: MIT
#include "report/plots/loss_plots.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "engine/loss.h"
#include "report/plots/line_plot.h"
#include "report/plots/spread_labels.h"
#include "report/plots/svg_text.h"

namespace microgpt {
namespace {

constexpr std::size_t kMaxDots = 300;  // more would be a carpet

// Multiples of `step` in [min, max].
std::vector<double> ticks(double min, double max, double step) {
  std::vector<double> values;
  for (double tick = std::ceil(min / step) * step; tick <= max + step * 1e-9; tick += step) values.push_back(tick);
  return values;
}

// As many as can be told apart, spread evenly.
std::vector<Point> some_of(const std::vector<Point>& points) {
  std::vector<Point> dots;
  const std::size_t count = std::min(points.size(), kMaxDots);
  for (std::size_t i = 0; i < count; ++i) dots.push_back(points[i * points.size() / count]);
  return dots;
}

// So few columns that the title takes a line for each of its parts.
constexpr std::size_t kNarrow = 80;

std::string title_of(const LossPicture& picture, std::size_t columns) {
  const char* between = columns < kNarrow ? "\n  " : "; ";
  std::string title = fmt::format("  loss, nats{}dots: a batch before it is trained on", between);
  if (!picture.validation.empty()) title += fmt::format("{}line: documents held out", between);
  return title;
}

// Numbers a quarter apart, or where these would be many, a half, one, two ...
double grid_of(double lowest, double highest) {
  constexpr double kMaxNumbers = 10.0;
  double grid = 0.25;
  while ((highest - lowest) / grid > kMaxNumbers) grid *= 2;
  return grid;
}

}  // namespace

namespace loss_picture {
namespace {

constexpr double kWidth = 760, kHeight = 430;
constexpr double kLeft = 56, kRight = 150, kTop = 56, kBottom = 48;  // margins; the names of the lines stand on the right
constexpr double kLineHeight = 17;

constexpr const char* kStyle = R"(  <style>
    .train { stroke: #94a3b8; stroke-width: 1.5; fill: none; }
    .validation { stroke: #2563eb; stroke-width: 2.5; fill: none; stroke-linejoin: round; }
    .random { stroke: #64748b; stroke-width: 1.5; stroke-dasharray: 2 4; fill: none; }
    text.train { fill: #64748b; stroke: none; }
    text.validation { fill: #2563eb; stroke: none; font-weight: 600; }
    text.random { fill: #64748b; stroke: none; }
    @media (prefers-color-scheme: dark) {
      .validation { stroke: #60a5fa; }
      text.validation { fill: #60a5fa; }
      text.train, text.random { fill: #94a3b8; }
    }
  </style>
)";

// From values to coordinates in the picture.
class Scale {
 public:
  Scale(double x_max, double y_min, double y_max) : x_max_(x_max), y_min_(y_min), y_max_(y_max) {}

  double x(double value) const { return kLeft + value / x_max_ * (kWidth - kLeft - kRight); }
  double y(double value) const { return kTop + (y_max_ - value) / (y_max_ - y_min_) * (kHeight - kTop - kBottom); }
  double y_min() const { return y_min_; }
  double y_max() const { return y_max_; }
  double x_max() const { return x_max_; }

 private:
  double x_max_, y_min_, y_max_;
};

Scale scale_of(const LossPicture& picture, double random) {
  double x_max = 1.0;
  double lowest = random, highest = random;
  for (const auto* points : {&picture.training, &picture.validation})
    for (const Point& point : *points) {
      x_max = std::max(x_max, point.x);
      lowest = std::min(lowest, point.y);
      highest = std::max(highest, point.y);
    }
  if (picture.ngram) lowest = std::min(lowest, picture.ngram->y);
  const double step = tick_step(std::max(highest - lowest, 0.1), 7.0);
  return {x_max, std::floor(lowest / step) * step, std::ceil(highest / step) * step};
}

std::string axes(const Scale& scale) {
  std::string svg;
  const double step = tick_step(scale.y_max() - scale.y_min(), 8.0);
  for (double y = scale.y_min(); y <= scale.y_max() + step / 2; y += step) {
    svg += fmt::format("  <line class=\"grid\" x1=\"{}\" y1=\"{:.1f}\" x2=\"{}\" y2=\"{:.1f}\"/>\n", kLeft, scale.y(y),
                       kWidth - kRight, scale.y(y));
    svg += fmt::format("  <text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{:.{}f}</text>\n", kLeft - 8, scale.y(y) + 4.5, y,
                       step < 0.1 ? 2 : 1);
  }
  const double x_step = std::max(1.0, tick_step(scale.x_max(), 6.0));
  for (double x = 0.0; x <= scale.x_max() * (1 + 1e-9); x += x_step)
    svg += fmt::format("  <text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{:.0f}</text>\n", scale.x(x),
                       kHeight - kBottom + 20, x);
  svg += fmt::format("  <text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">steps</text>\n", (kLeft + kWidth - kRight) / 2,
                     kHeight - 8);
  return svg;
}

std::string line_through(const std::vector<Point>& points, const char* name, const Scale& scale) {
  if (points.empty()) return "";
  std::string svg = fmt::format("  <polyline class=\"{}\" points=\"", name);
  for (const Point& point : points) svg += fmt::format("{:.1f},{:.1f} ", scale.x(point.x), scale.y(point.y));
  return svg + "\"/>\n";
}

std::string level(double y, const char* name, const Scale& scale) {
  return fmt::format("  <line class=\"{}\" x1=\"{}\" y1=\"{:.1f}\" x2=\"{}\" y2=\"{:.1f}\"/>\n", name, kLeft, scale.y(y),
                     kWidth - kRight, scale.y(y));
}

struct Label {
  double y;  // in the picture
  const char* name;
  std::string text;
};

// At the ends of their lines, or near them.
std::string draw_labels(std::vector<Label> labels) {
  spread_labels(labels, kLineHeight, kHeight - kBottom);
  std::string svg;
  for (const Label& label : labels)
    svg += fmt::format("  <text class=\"{}\" x=\"{}\" y=\"{:.1f}\">{}</text>\n", label.name, kWidth - kRight + 8, label.y + 4.5,
                       svg_text(label.text));
  return svg;
}

}  // namespace
}  // namespace loss_picture

std::string loss_svg(const LossPicture& picture) {
  using namespace loss_picture;
  const double random = uniform_loss(picture.vocab_size);
  const Scale scale = scale_of(picture, random);
  std::vector<Label> labels{{scale.y(random), "random", fmt::format("random: ln {}", picture.vocab_size)}};
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" role=\"img\">\n"
      "  <title>{2}</title>\n{3}{6}"
      "  <text class=\"title\" x=\"{4}\" y=\"26\">{2}</text>\n"
      "  <text x=\"{4}\" y=\"44\">loss, nats (mean over {5})</text>\n",
      kWidth, kHeight, svg_text(picture.title), kPlotStyle, 16, picture.mean == LossMean::document ? "documents" : "tokens",
      kStyle);
  svg += axes(scale);
  svg += level(random, "random", scale);
  if (picture.ngram) {
    svg += level(picture.ngram->y, "ngram", scale);
    labels.push_back({scale.y(picture.ngram->y), "ngram", fmt::format("{} {:.3f}", picture.ngram->label, picture.ngram->y)});
  }
  svg += line_through(picture.training, "train", scale);
  svg += line_through(picture.validation, "validation", scale);
  if (!picture.training.empty())
    labels.push_back({scale.y(picture.training.back().y), "train", fmt::format("train {:.3f}", picture.training.back().y)});
  if (!picture.validation.empty())
    labels.push_back(
        {scale.y(picture.validation.back().y), "validation", fmt::format("validation {:.3f}", picture.validation.back().y)});
  return svg + draw_labels(std::move(labels)) + "</svg>\n";
}

LinePlot training_curve(const LossPicture& picture, std::size_t columns) {
  const double random = uniform_loss(picture.vocab_size);
  LinePlot plot;
  plot.dots = some_of(picture.training);
  plot.curve = picture.validation;
  plot.levels.push_back({random, fmt::format("random: ln {}", picture.vocab_size)});
  if (picture.ngram)
    plot.levels.push_back({picture.ngram->y, fmt::format("{} {:.3f}", picture.ngram->label, picture.ngram->y)});
  double lowest = random;
  double highest = random;
  double steps = 1.0;
  const auto show = [&](double y) {
    lowest = std::min(lowest, y);
    highest = std::max(highest, y);
  };
  for (const std::vector<Point>* points : {&picture.training, &picture.validation})
    for (const Point& point : *points) steps = std::max(steps, point.x);
  for (const std::vector<Point>* points : {&plot.dots, &plot.curve})
    for (const Point& point : *points) show(point.y);
  for (const Level& level : plot.levels) show(level.y);
  const double grid = grid_of(lowest, highest);
  plot.title = title_of(picture, columns);
  plot.x_label = "step";
  plot.x_min = 0.0;
  plot.x_max = steps;
  plot.y_min = std::floor(lowest / grid) * grid;
  plot.y_max = std::ceil(highest / grid) * grid;
  plot.y_ticks = ticks(plot.y_min, plot.y_max, grid);
  plot.x_ticks = ticks(0.0, plot.x_max, std::max(1.0, tick_step(plot.x_max, 5.0)));
  plot.height = 14;
  plot.fit_into(columns);
  return plot;
}

}  // namespace microgpt
