// SPDX-License-Identifier: MIT
#include "report/plots/surprise_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <span>
#include <string_view>
#include <utility>

#include "engine/loss.h"
#include "report/plots/line_plot.h"
#include "report/plots/spread_labels.h"
#include "report/plots/svg_text.h"
#include "report/probability_product.h"

namespace microgpt {
namespace surprise_picture {
namespace {

constexpr double kWidth = 860, kHeight = 470;
constexpr double kLeft = 56, kRight = 284, kTop = 60, kBottom = 84;  // margins; the labels stand on the right
constexpr double kLineHeight = 18;
constexpr double kLowestTop = 6.0, kHighestTop = 16.0;  // nats: where the axis ends
constexpr std::size_t kMaxLabels = 16;                  // more do not fit beside each other
constexpr std::size_t kMaxTextLength = 10;
constexpr std::size_t kFactors = 3;

constexpr const char* kStyle = R"(  <style>
    .curve { stroke: #2563eb; stroke-width: 2.5; fill: none; stroke-linejoin: round; }
    .dot { fill: #dc2626; stroke: #ffffff; stroke-width: 1.5; }
    .leader { stroke: #cbd5e1; fill: none; }
    .label { font-variant-numeric: tabular-nums; }
    .random { stroke: #64748b; stroke-width: 1.5; stroke-dasharray: 2 4; }
    .mean { stroke: #dc2626; stroke-width: 1.5; stroke-dasharray: 8 4; }
    text.mean { fill: #b91c1c; stroke: none; font-weight: 600; }
    text.random { fill: #64748b; stroke: none; }
    @media (prefers-color-scheme: dark) {
      .curve { stroke: #60a5fa; }
      .dot { fill: #f87171; stroke: #0f172a; }
      .leader { stroke: #334155; }
      .mean { stroke: #f87171; }
      text.mean { fill: #f87171; }
      text.random { fill: #94a3b8; }
    }
  </style>
)";

std::string number(double value) { return std::isinf(value) ? "∞" : fmt::format("{:.3f}", value); }

std::string costs(double nats) { return fmt::format("{} nats, {} bits", number(nats), number(nats_to_bits(nats))); }

// Of each probability one, the highest loss first, with how often it is there.
struct Dot {
  std::string text;
  double nats;
  double probability;
};

std::vector<Dot> dots_of(std::span<const GivenProbability> probabilities) {
  std::map<double, std::pair<std::string, std::size_t>> counts;
  for (const GivenProbability& p : probabilities) {
    auto& [text, count] = counts[p.value];
    if (count++ == 0) text = p.text.size() > kMaxTextLength ? fmt::format("{:.4g}", p.value) : p.text;
  }
  std::vector<Dot> dots;
  for (const auto& [value, named] : counts) {
    const auto& [text, count] = named;
    dots.push_back({count == 1 ? text : fmt::format("{} ({} times)", text, count), nats_of(value), value});
  }
  return dots;
}

std::string describe(const Dot& dot) { return fmt::format("P {}: {}", dot.text, costs(dot.nats)); }

struct Label {
  double y;       // in the picture
  double from_x;  // where its line begins; below 0: it has none
  double from_y;
  const char* name;
  std::string text;
};

class Picture {
 public:
  explicit Picture(const SurprisePlot& plot)
      : plot_(plot),
        dots_(dots_of(plot.probabilities)),
        random_(uniform_loss(plot.vocab_size)),
        top_(std::max(kLowestTop, random_)) {
    for (const Dot& dot : dots_)
      if (std::isfinite(dot.nats)) top_ = std::max(top_, std::min(dot.nats, kHighestTop));
    top_ = std::ceil(top_ + 0.2);
  }

  std::string svg() const {
    std::vector<Label> labels;
    std::string text = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" role=\"img\" "
        "aria-labelledby=\"title desc\">\n"
        "  <title id=\"title\">{2}</title>\n  <desc id=\"desc\">{3}</desc>\n{4}{5}"
        "  <text class=\"title\" x=\"16\" y=\"26\">{2}</text>\n"
        "  <text x=\"16\" y=\"46\">loss, nats</text>\n",
        kWidth, kHeight, "The loss of a probability P is −ln P", svg_text(description()), kPlotStyle, kStyle);
    text += axes() + level(random_, "random") + curve();
    labels.push_back(
        {y(random_), -1.0, 0.0, "random", fmt::format("guessing: ln {} = {:.3f} nats", plot_.vocab_size, random_)});
    if (plot_.is_document) {
      if (plot_.mean_nats() <= top_) text += level(plot_.mean_nats(), "mean");
      labels.push_back({y(plot_.mean_nats()), -1.0, 0.0, "mean", "mean " + costs(plot_.mean_nats())});
    }
    for (const Dot& dot : dots_) {
      text += mark(dot);
      if (dots_.size() <= kMaxLabels) labels.push_back({y(dot.nats), x(dot.probability), y(dot.nats), "label", describe(dot)});
    }
    return text + draw(std::move(labels)) + footer() + "</svg>\n";
  }

 private:
  static double x(double probability) { return kLeft + probability * (kWidth - kLeft - kRight); }
  double y(double nats) const { return kTop + (1.0 - std::min(nats, top_) / top_) * (kHeight - kTop - kBottom); }

  std::string axes() const {
    std::string text;
    const double step = tick_step(top_, 9.0);
    for (double tick = 0.0; tick <= top_ + step * 1e-9; tick += step) {
      text += fmt::format("  <line class=\"grid\" x1=\"{}\" y1=\"{:.1f}\" x2=\"{}\" y2=\"{:.1f}\"/>\n", kLeft, y(tick),
                          kWidth - kRight, y(tick));
      text += fmt::format("  <text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{:g}</text>\n", kLeft - 8, y(tick) + 4.5, tick);
    }
    for (const double tick : {0.0, 0.25, 0.5, 0.75, 1.0})
      text += fmt::format("  <text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{:g}</text>\n", x(tick), kHeight - kBottom + 20,
                          tick);
    return text + fmt::format("  <text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">P, the probability of what came</text>\n",
                              (kLeft + kWidth - kRight) / 2, kHeight - kBottom + 40);
  }

  std::string level(double nats, const char* name) const {
    return fmt::format("  <line class=\"{}\" x1=\"{}\" y1=\"{:.1f}\" x2=\"{}\" y2=\"{:.1f}\"/>\n", name, kLeft, y(nats),
                       kWidth - kRight, y(nats));
  }

  // In equal steps of the loss, not of P: the curve is steep where P is small.
  std::string curve() const {
    constexpr int kPoints = 200;
    std::string points;
    for (int i = 0; i <= kPoints; ++i) {
      const double nats = top_ * i / kPoints;
      points += fmt::format("{:.1f},{:.1f} ", x(std::exp(-nats)), y(nats));
    }
    return fmt::format("  <polyline class=\"curve\" points=\"{}\"/>\n", points);
  }

  std::string mark(const Dot& dot) const {
    const double at_x = x(dot.probability), at_y = y(dot.nats);
    const std::string shape = dot.nats > top_
                                  ? fmt::format("<path class=\"dot\" d=\"M{:.1f} {:.1f}l6 11h-12z\">", at_x, at_y - 4)
                                  : fmt::format("<circle class=\"dot\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"5\">", at_x, at_y);
    return fmt::format("  {}<title>{}</title></{}>\n", shape, svg_text(describe(dot)), dot.nats > top_ ? "path" : "circle");
  }

  // Each label stands at the height of its dot or its line, or near it where another one is there.
  std::string draw(std::vector<Label> labels) const {
    constexpr double kEdge = kWidth - kRight, kTextLeft = kEdge + 30;
    spread_labels(labels, kLineHeight, kHeight - kBottom);
    std::string leaders, texts;
    for (const Label& label : labels) {
      const double from_x = label.from_x < 0.0 ? kEdge : label.from_x + 7;
      if (label.from_x >= 0.0)
        leaders += fmt::format("  <polyline class=\"leader\" points=\"{:.1f},{:.1f} {:.1f},{:.1f} {:.1f},{:.1f}\"/>\n", from_x,
                               label.from_y, std::max(from_x, kEdge + 2), label.from_y, kTextLeft - 5, label.y);
      texts += fmt::format("  <text class=\"{}\" x=\"{}\" y=\"{:.1f}\">{}</text>\n", label.name, kTextLeft, label.y + 4.5,
                           svg_text(label.text));
    }
    return leaders + texts;
  }

  std::string footer() const {
    std::string text;
    if (plot_.is_document) text = plot_.product(kFactors);
    if (dots_.size() > kMaxLabels) text += " Point at a dot to see what it costs.";
    if (std::any_of(dots_.begin(), dots_.end(), [&](const Dot& dot) { return dot.nats > top_; }))
      text += " Triangle: above the axis.";
    return fmt::format("  <text x=\"16\" y=\"{}\">{}</text>\n", kHeight - 14, svg_text(text));
  }

  // For who cannot see it.
  std::string description() const {
    std::string text = fmt::format("The curve of −ln P for P from 0 to 1. Random guessing among {} costs {}.", plot_.vocab_size,
                                   costs(random_));
    for (const Dot& dot : std::span(dots_).first(std::min(dots_.size(), kMaxLabels))) text += " " + describe(dot) + ".";
    if (plot_.is_document) text += fmt::format(" The mean of {} is {}.", plot_.probabilities.size(), costs(plot_.mean_nats()));
    return text;
  }

  const SurprisePlot& plot_;
  std::vector<Dot> dots_;
  double random_;
  double top_;  // where the axis ends
};

}  // namespace
}  // namespace surprise_picture

double SurprisePlot::total_nats() const {
  return std::accumulate(probabilities.begin(), probabilities.end(), 0.0,
                         [](double total, const GivenProbability& p) { return total + nats_of(p.value); });
}

double SurprisePlot::mean_nats() const { return total_nats() / static_cast<double>(probabilities.size()); }

std::string SurprisePlot::product(std::size_t shown) const {
  std::vector<std::string> factors;
  for (const GivenProbability& p : probabilities) factors.push_back(p.text);
  return product_sentence(factors, total_nats(), shown);
}

std::string surprise_svg(const SurprisePlot& plot) { return surprise_picture::Picture(plot).svg(); }

}  // namespace microgpt
