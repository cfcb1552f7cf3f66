// SPDX-License-Identifier: MIT
#include "report/plots/roc_svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "report/plots/svg_text.h"

namespace microgpt {
namespace roc_picture {
namespace {

constexpr double kWidth = 780, kHeight = 440;
constexpr double kTop = 64, kSide = 312;  // of the two squares
constexpr double kLeft = 56, kGap = 56;
constexpr double kMinRate = 1e-4;  // where the scale of powers of ten begins
constexpr std::array<const char*, 2> kClasses{"model", "other"};

constexpr const char* kStyle = R"(  <style>
    .frame { fill: none; stroke: #94a3b8; }
    .random { stroke: #94a3b8; stroke-width: 1.5; stroke-dasharray: 2 4; fill: none; }
    .model, .other { fill: none; stroke-width: 2.5; stroke-linejoin: round; stroke: #2563eb; }
    .other { stroke: #d97706; stroke-width: 2; stroke-dasharray: 7 4; }
    text.model, text.other { stroke: none; font-weight: 600; fill: #2563eb; }
    text.other { fill: #b45309; }
    @media (prefers-color-scheme: dark) {
      .frame, .random { stroke: #475569; }
      .model { stroke: #60a5fa; }
      .other { stroke: #fbbf24; }
      text.model { fill: #60a5fa; }
      text.other { fill: #fbbf24; }
    }
  </style>
)";

// One of the two squares: how false-positive rates lie from its left side to its right one.
class Panel {
 public:
  Panel(double left, bool is_logarithmic) : left_(left), is_logarithmic_(is_logarithmic) {}

  double x(double rate) const {
    if (!is_logarithmic_) return left_ + rate * kSide;
    return left_ + (1.0 - std::log10(std::max(rate, kMinRate)) / std::log10(kMinRate)) * kSide;
  }
  static double y(double recall) { return kTop + (1.0 - recall) * kSide; }

  std::string axes() const {
    std::string svg;
    for (const double rate : ticks()) {
      svg += fmt::format("  <line class=\"grid\" x1=\"{0:.1f}\" y1=\"{1}\" x2=\"{0:.1f}\" y2=\"{2}\"/>\n", x(rate), kTop,
                         kTop + kSide);
      svg += fmt::format("  <text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{:g}%</text>\n", x(rate), kTop + kSide + 20,
                         100.0 * rate);
    }
    for (const double recall : {0.0, 0.2, 0.4, 0.6, 0.8, 1.0}) {
      svg += fmt::format("  <line class=\"grid\" x1=\"{0}\" y1=\"{2:.1f}\" x2=\"{1}\" y2=\"{2:.1f}\"/>\n", left_, left_ + kSide,
                         y(recall));
      svg += fmt::format("  <text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{:g}%</text>\n", left_ - 8, y(recall) + 4.5,
                         100.0 * recall);
    }
    svg += fmt::format("  <rect class=\"frame\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>\n", left_, kTop, kSide, kSide);
    return svg + fmt::format("  <text x=\"{}\" y=\"{}\" text-anchor=\"middle\">false positives{}</text>\n", left_ + kSide / 2,
                             kTop + kSide + 42, is_logarithmic_ ? ", powers of ten" : "");
  }

  // What tossing a coin comes to.
  std::string random() const {
    std::string points;
    for (int i = 0; i <= 100; ++i) {
      const double rate = is_logarithmic_ ? std::pow(kMinRate, 1.0 - i / 100.0) : i / 100.0;
      points += fmt::format("{:.1f},{:.1f} ", x(rate), y(rate));
    }
    return fmt::format("  <polyline class=\"random\" points=\"{}\"/>\n", points);
  }

  // Points that would fall on the one before are left out.
  std::string curve(const Roc& roc, const char* name) const {
    std::string points;
    std::string last;
    for (const Roc::Point& point : roc.points()) {
      const std::string next = fmt::format("{:.1f},{:.1f} ", x(point.false_positive_rate), y(point.recall));
      if (next != last) points += next;
      last = next;
    }
    return fmt::format("  <polyline class=\"{}\" points=\"{}\"/>\n", name, points);
  }

 private:
  std::vector<double> ticks() const {
    return is_logarithmic_ ? std::vector{1e-4, 1e-3, 1e-2, 1e-1, 1.0} : std::vector{0.0, 0.2, 0.4, 0.6, 0.8, 1.0};
  }

  double left_;
  bool is_logarithmic_;
};

}  // namespace
}  // namespace roc_picture

std::string roc_svg(const std::string& title, const std::vector<RocCurve>& curves) {
  using namespace roc_picture;
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" role=\"img\">\n"
      "  <title>{2}</title>\n{3}{5}"
      "  <text class=\"title\" x=\"{4}\" y=\"26\">{2}</text>\n"
      "  <text x=\"{4}\" y=\"50\">recall</text>\n",
      kWidth, kHeight, svg_text(title), kPlotStyle, kLeft, kStyle);
  const std::array<Panel, 2> panels{Panel(kLeft, false), Panel(kLeft + kSide + kGap, true)};
  for (const Panel& panel : panels) {
    svg += panel.axes() + panel.random();
    for (std::size_t i = curves.size(); i-- > 0;) svg += panel.curve(curves[i].roc, kClasses[i]);
  }
  for (std::size_t i = 0; i < curves.size(); ++i)
    svg += fmt::format("  <text class=\"{}\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}: area {:.4f}</text>\n", kClasses[i],
                       kLeft + kSide - 12, kTop + kSide - 14.0 - 20.0 * static_cast<double>(curves.size() - 1 - i),
                       svg_text(curves[i].name), curves[i].roc.area());
  return svg + "</svg>\n";
}

std::vector<RocCurve> curves_of(const std::vector<ClassifierResult>& results) {
  std::vector<RocCurve> curves{{results.front().by.name, results.front().roc}};
  if (results.size() > 1) curves.push_back({results.back().by.name, results.back().roc});
  return curves;
}

}  // namespace microgpt
