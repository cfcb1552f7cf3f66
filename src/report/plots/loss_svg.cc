// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/loss.h"
#include "report/plots/line_plot.h"
#include "report/plots/loss_plots.h"
#include "report/plots/loss_range.h"
#include "report/plots/spread_labels.h"
#include "report/plots/svg_text.h"

namespace microgpt {
namespace loss_picture {
namespace {

constexpr std::size_t kMaxStepDots = 200;  // more would be a carpet
constexpr double kWidth = 760, kHeight = 450;
constexpr double kLeft = 56, kRight = 154, kTop = 78, kBottom = 48;  // margins; the names of the lines stand on the right
constexpr double kLineHeight = 17;

constexpr const char* kStyle = R"(  <style>
    .train { stroke: #94a3b8; stroke-width: 1.5; fill: none; }
    .step { fill: #94a3b8; fill-opacity: 0.7; }
    .above { fill: #dc2626; }
    .kept { stroke: #16a34a; stroke-width: 2.5; fill: none; }
    .validation { stroke: #2563eb; stroke-width: 2.5; fill: none; stroke-linejoin: round; }
    .random { stroke: #64748b; stroke-width: 1.5; stroke-dasharray: 2 4; fill: none; }
    text.train { fill: #64748b; stroke: none; }
    text.validation { fill: #2563eb; stroke: none; font-weight: 600; }
    text.random { fill: #64748b; stroke: none; }
    @media (prefers-color-scheme: dark) {
      .validation { stroke: #60a5fa; }
      .step { fill: #64748b; }
      .above { fill: #f87171; }
      .kept { stroke: #4ade80; }
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

Scale scale_of(const LossPicture& picture) {
  const LossRange range = loss_range(picture);
  const double step = tick_step(std::max(range.highest - range.lowest, 0.1), 7.0);
  return {range.steps, std::floor(range.lowest / step) * step, std::ceil(range.highest / step) * step};
}

std::string axes(const Scale& scale) {
  std::string svg;
  const double step = tick_step(scale.y_max() - scale.y_min(), 8.0);
  for (double y = std::ceil(scale.y_min() / step - 1e-9) * step; y <= scale.y_max() + step * 1e-9; y += step) {
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

// As far as it lies in the picture.
std::string line_through(const std::vector<Point>& points, const char* name, const Scale& scale) {
  if (points.empty()) return "";
  std::string svg = fmt::format("  <polyline class=\"{}\" clip-path=\"url(#axes)\" points=\"", name);
  for (const Point& point : points) svg += fmt::format("{:.1f},{:.1f} ", scale.x(point.x), scale.y(point.y));
  return svg + "\"/>\n";
}

std::string clip() {
  return fmt::format("  <clipPath id=\"axes\"><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/></clipPath>\n", kLeft - 2,
                     kTop - 2, kWidth - kLeft - kRight + 4, kHeight - kTop - kBottom + 4);
}

std::string dot(double x, double y) {
  return fmt::format("  <circle class=\"step\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2\"/>\n", x, y);
}

std::string triangle(double x, double y) {
  return fmt::format("  <path class=\"above\" d=\"M{:.1f} {:.1f}l4 7h-8z\"/>\n", x, y);
}

std::string ring(double x, double y) {
  return fmt::format("  <circle class=\"kept\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"6\"/>\n", x, y);
}

std::string dots(const std::vector<Point>& points, const Scale& scale) {
  std::string svg;
  for (const Point& point : points)
    if (point.y <= scale.y_max()) svg += dot(scale.x(point.x), scale.y(point.y));
  return svg;
}

// At the upper edge, one where points lie above it; as wide as they are, they would cover each other otherwise.
std::string triangles(std::initializer_list<const std::vector<Point>*> series, const Scale& scale) {
  constexpr double kTriangleWidth = 8.0;
  std::set<long> columns;
  for (const std::vector<Point>* points : series)
    for (const Point& point : *points)
      if (point.y > scale.y_max()) columns.insert(std::lround(scale.x(point.x) / kTriangleWidth));
  std::string svg;
  for (const long column : columns) svg += triangle(kTriangleWidth * static_cast<double>(column), kTop);
  return svg;
}

// A line of marks with their meaning.
class Legend {
 public:
  using Mark = std::string (*)(double x, double y);

  void add(Mark mark, const std::string& meaning) {
    constexpr double kCharacterWidth = 7.0;
    svg_ += mark(x_, kY - 4.5) + fmt::format("  <text x=\"{:.1f}\" y=\"{}\">{}</text>\n", x_ + 10, kY, meaning);
    x_ += 34 + kCharacterWidth * static_cast<double>(meaning.size());
  }

  const std::string& svg() const { return svg_; }

 private:
  static constexpr double kY = 64;
  double x_ = 22;
  std::string svg_;
};

std::string legend(const LossPicture& picture, bool has_triangles) {
  Legend marks;
  if (!picture.steps.empty()) marks.add(dot, "a batch before it is trained on");
  if (picture.kept) marks.add(ring, fmt::format("kept: step {:.0f}, {:.3f}", picture.kept->x, picture.kept->y));
  if (has_triangles) marks.add([](double x, double y) { return triangle(x, y - 3.5); }, "above the axis");
  return marks.svg();
}

std::string level(double y, const char* name, const Scale& scale) {
  return fmt::format("  <line class=\"{}\" x1=\"{}\" y1=\"{:.1f}\" x2=\"{}\" y2=\"{:.1f}\"/>\n", name, kLeft, scale.y(y),
                     kWidth - kRight, scale.y(y));
}

// "2.105"; of one that has diverged a few digits.
std::string short_loss(double nats) { return nats < 1000.0 ? fmt::format("{:.3f}", nats) : fmt::format("{:.3g}", nats); }

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
    svg += fmt::format("  <text class=\"{}\" x=\"{}\" y=\"{:.1f}\">{}</text>\n", label.name, kWidth - kRight + 12,
                       label.y + 4.5, svg_text(label.text));
  return svg;
}

}  // namespace
}  // namespace loss_picture

std::string loss_svg(const LossPicture& whole) {
  using namespace loss_picture;
  LossPicture picture = whole;  // what is shown of it
  picture.steps = some_of(whole.steps, kMaxStepDots);
  const double random = uniform_loss(picture.vocab_size);
  const Scale scale = scale_of(picture);
  const std::string above = triangles({&picture.steps, &picture.training, &picture.validation}, scale);
  std::vector<Label> labels{{scale.y(random), "random", fmt::format("random: ln {}", picture.vocab_size)}};
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" role=\"img\">\n"
      "  <title>{2}</title>\n{3}{6}"
      "  <text class=\"title\" x=\"{4}\" y=\"26\">{2}</text>\n"
      "  <text x=\"{4}\" y=\"44\">loss, nats (mean over {5})</text>\n",
      kWidth, kHeight, svg_text(picture.title), kPlotStyle, 16, picture.mean == LossMean::document ? "documents" : "tokens",
      kStyle);
  svg += legend(picture, !above.empty()) + clip() + axes(scale) + dots(picture.steps, scale);
  svg += level(random, "random", scale);
  if (picture.ngram) {
    svg += level(picture.ngram->y, "ngram", scale);
    labels.push_back({scale.y(picture.ngram->y), "ngram", fmt::format("{} {:.3f}", picture.ngram->label, picture.ngram->y)});
  }
  svg += line_through(picture.training, "train", scale);
  svg += line_through(picture.validation, "validation", scale);
  svg += above;
  if (picture.kept) svg += ring(scale.x(picture.kept->x), scale.y(picture.kept->y));
  const auto add_last = [&](const std::vector<Point>& points, const char* name) {
    if (points.empty()) return;
    const double last = points.back().y;
    labels.push_back({scale.y(std::min(last, scale.y_max())), name, fmt::format("{} {}", name, short_loss(last))});
  };
  add_last(picture.training, "train");
  add_last(picture.validation, "validation");
  return svg + draw_labels(std::move(labels)) + "</svg>\n";
}

}  // namespace microgpt
