// SPDX-License-Identifier: MIT
#include "report/explanation/explanation_svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "engine/loss.h"
#include "report/explanation/attention_svg.h"
#include "report/explanation/explanation_picture.h"
#include "report/plots/svg_text.h"

namespace microgpt {
namespace explanation_drawing {
namespace {

constexpr double kLeft = 28, kTop = 76;
constexpr double kLine = 18;
constexpr double kMinWidth = 626;               // the lines below need so much
constexpr double kMinWidthWithAttention = 780;  // four heads of a short document
constexpr double kFooter = 100;

// A cell and its bar, in pixels. `pitch` is from one cell to the next.
struct Layout {
  const char* name;
  double pitch, gap;
  double bars, value;  // the height of the space for bars, and above the highest for its value
  double letter, baseline;
  double bar_width;
  double below;  // a row of cells
  std::size_t cells_in_a_row;
  bool has_words;
};

constexpr Layout kLarge{"large", 72, 6, 124, 22, 44, 29.5, 28, 20, 12, true};
constexpr Layout kSmall{"small", 26, 2, 52, 8, 30, 20, 12, 10, 36, false};

constexpr const char* kStyle = R"(  <style>
    svg { background: #ffffff; font: 13px system-ui, sans-serif; }
    text { fill: #334155; }
    .title { font-size: 18px; font-weight: 600; fill: #0f172a; }
    .sum { font-size: 14px; fill: #0f172a; }
    .faint { font-size: 12px; fill: #64748b; }
    .letter { font: 600 22px ui-monospace, monospace; fill: #0f172a; text-anchor: middle; }
    .value { text-anchor: middle; font-weight: 600; fill: #0f172a; paint-order: stroke; stroke: #ffffff; stroke-width: 4px; }
    .other { text-anchor: middle; font-size: 12px; }
    .large .letter.short, .large .letter.name { font-size: 14px; }
    .large .other.name { font-size: 10px; }
    .small .letter { font-size: 15px; }
    .small .short { font-size: 9px; }
    .small .name { font-size: 6.4px; }
    .random { stroke: #64748b; stroke-dasharray: 4 4; }
    .low { fill: #86efac; } .middle { fill: #fcd34d; } .high { fill: #fca5a5; }
    .bar.low { fill: #22c55e; } .bar.middle { fill: #f59e0b; } .bar.high { fill: #ef4444; }
    .cut { fill: #ffffff; }
    @media (prefers-color-scheme: dark) {
      svg { background: #0f172a; }
      text { fill: #cbd5e1; }
      .title, .sum, .value { fill: #f8fafc; }
      .value { stroke: #0f172a; }
      .faint { fill: #94a3b8; }
      .random { stroke: #94a3b8; }
      .cut { fill: #0f172a; }
    }
  </style>
)";

class Picture {
 public:
  Picture(const Explanation& explanation, const Tokenizer& tokenizer, const EarlierAttention& earlier)
      : explanation_(explanation),
        tokenizer_(tokenizer),
        earlier_(earlier),
        layout_(explanation.positions.size() > kMaxDrawnLarge ? kSmall : kLarge),
        random_(uniform_loss(explanation.vocab_size)),
        highest_(highest_bar(explanation)) {
    for (const PositionLoss& p : explanation.positions)
      others_ = std::max(others_, std::min(kMaxOthersDrawn, p.alternatives.size()));
  }

  std::string svg() const {
    const std::size_t rows = (cells() + layout_.cells_in_a_row - 1) / layout_.cells_in_a_row;
    AttentionDrawing attention{"", 0.0};
    if (!explanation_.heads.empty())
      attention = draw_attention({explanation_, earlier_}, kLeft, width() - kLeft, row_top(rows) + kFooter);
    std::string text = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:g} {1:g}\" width=\"{0:g}\" height=\"{1:g}\" role=\"img\">\n"
        "  <title>{2}</title>\n{3}"
        "  <text class=\"title\" x=\"{4}\" y=\"36\">{2}</text>\n"
        "  <text class=\"faint\" x=\"{4}\" y=\"58\">the surprise at each character after those before it: −ln P, in "
        "nats</text>\n"
        "  <g class=\"{5}\">\n",
        width(), row_top(rows) + kFooter + attention.height, title(),
        explanation_.heads.empty() ? kStyle : std::string(kStyle) + kAttentionStyle, kLeft, layout_.name);
    for (std::size_t row = 0; row < rows; ++row) text += random_line(row);
    for (std::size_t i = 0; i < cells(); ++i) text += cell(i);
    return text + "  </g>\n" + footer(row_top(rows)) + attention.svg + "</svg>\n";
  }

 private:
  std::size_t cells() const { return explanation_.positions.size(); }
  double cell_width() const { return layout_.pitch - layout_.gap; }
  double words_height() const { return layout_.has_words ? kLine * static_cast<double>(1 + others_) : 0.0; }
  double row_height() const { return layout_.bars + layout_.letter + words_height() + layout_.below; }
  double row_top(std::size_t row) const { return kTop + static_cast<double>(row) * row_height(); }
  double width_of(std::size_t cells) const { return layout_.pitch * static_cast<double>(cells) - layout_.gap; }
  double width() const {
    return std::max(explanation_.heads.empty() ? kMinWidth : kMinWidthWithAttention,
                    2.0 * kLeft + width_of(std::min(layout_.cells_in_a_row, cells())));
  }
  double bar_height(double nats) const { return (layout_.bars - layout_.value) * std::min(nats, highest_) / highest_; }

  std::string title() const {
    return svg_text(
        fmt::format("{}: the loss is {:.3f} nats a token", picture_heading(explanation_), explanation_.mean_nats()));
  }

  std::string random_line(std::size_t row) const {
    const std::size_t size = std::min(layout_.cells_in_a_row, cells() - row * layout_.cells_in_a_row);
    return fmt::format("    <line class=\"random\" x1=\"{0}\" y1=\"{2:.1f}\" x2=\"{1}\" y2=\"{2:.1f}\"/>\n", kLeft,
                       kLeft + width_of(size), row_top(row) + layout_.bars - bar_height(random_));
  }

  // `symbol` says how small the letters must be.
  std::string label(const char* name, double x, double y, const std::string& symbol, const std::string& rest = "") const {
    return word(fmt::format("{}{}", name, smallness_of(symbol)), x, y, symbol + rest);
  }

  std::string word(const std::string& name, double x, double y, const std::string& text) const {
    return fmt::format("      <text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", name, x, y, svg_text(text));
  }

  std::string cell(std::size_t i) const {
    const PositionLoss& p = explanation_.positions[i];
    const double x = kLeft + layout_.pitch * static_cast<double>(i % layout_.cells_in_a_row);
    const double base = row_top(i / layout_.cells_in_a_row) + layout_.bars;
    const double middle = x + cell_width() / 2;
    const char* color = class_of(surprise(p.nats, random_));
    std::string text =
        fmt::format("    <g>\n      <title>{}</title>\n", svg_text(describe_position(explanation_, i, tokenizer_)));
    text += bar(p, middle, base, color);
    text += fmt::format("      <rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\"/>\n", color, x, base,
                        cell_width(), layout_.letter, layout_.gap);
    text += label("letter", middle, base + layout_.baseline, target_label(p, tokenizer_));
    if (layout_.has_words) text += words(p, middle, base);
    return text + "    </g>\n";
  }

  std::string bar(const PositionLoss& p, double middle, double base, const char* color) const {
    const double left = middle - layout_.bar_width / 2;
    const double top = base - bar_height(p.nats);
    std::string text = fmt::format("      <rect class=\"bar {}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{}\" height=\"{:.1f}\"/>\n",
                                   color, left, top, layout_.bar_width, base - top);
    if (p.nats > highest_)
      text += fmt::format("      <path class=\"cut\" d=\"M{:.1f} {:.1f}l{} -6v4l-{} 6z\"/>\n", left - 1, top + 12,
                          layout_.bar_width + 2, layout_.bar_width + 2);
    return text;
  }

  std::string words(const PositionLoss& p, double middle, double base) const {
    double y = base + layout_.letter + kLine;
    std::string text = word("value", middle, base - bar_height(p.nats) - 6, fmt::format("{:.2f}", p.nats)) +
                       word("value", middle, y, p.target == kUnseen ? "unseen" : percent(p.probability));
    for (std::size_t k = 0; k < std::min(others_, p.alternatives.size()); ++k)
      text += label("other", middle, y += kLine, candidate_label(p.alternatives[k], tokenizer_),
                    " " + percent(p.alternatives[k].probability));
    return text;
  }

  std::string footer(double y) const {
    const double sum = explanation_.total_nats(), mean = explanation_.mean_nats();
    return fmt::format(
               "  <text class=\"sum\" x=\"{0}\" y=\"{1:.1f}\">sum {2:.3f} nats = {3:.3f} bits; mean {4:.3f} nats = {5:.3f} "
               "bits a "
               "token</text>\n"
               "  <text x=\"{0}\" y=\"{6:.1f}\">random guessing among {7} (dashed): sum {8:.3f} nats; mean ln {7} = {9:.3f} "
               "nats</text>\n",
               kLeft, y + 18, sum, nats_to_bits(sum), mean, nats_to_bits(mean), y + 40, explanation_.vocab_size,
               explanation_.random_nats(), random_) +
           legend(y + 70);
  }

  std::string legend(double y) const {
    std::string text;
    double x = kLeft;
    const auto entry = [&](Surprise surprise, const char* meaning, double width) {
      text += fmt::format(
          "  <rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"12\" height=\"12\" rx=\"3\"/>\n"
          "  <text class=\"faint\" x=\"{}\" y=\"{}\">{}</text>\n",
          class_of(surprise), x, y - 10, x + 18, y, meaning);
      x += width;
    };
    entry(Surprise::low, "at most half of random", 164);
    entry(Surprise::middle, "up to random", 112);
    entry(Surprise::high, "more", 68);
    if (!layout_.has_words) return text;
    return text +
           fmt::format("  <text class=\"faint\" x=\"{}\" y=\"{}\">below: its P, and the likeliest others</text>\n", x, y);
  }

  const Explanation& explanation_;
  const Tokenizer& tokenizer_;
  const EarlierAttention& earlier_;
  const Layout& layout_;
  double random_;
  double highest_;
  std::size_t others_ = 0;
};

}  // namespace
}  // namespace explanation_drawing

std::string explanation_svg(const Explanation& explanation, const Tokenizer& tokenizer, const EarlierAttention& earlier) {
  using namespace explanation_drawing;
  return Picture(explanation, tokenizer, earlier).svg();
}

}  // namespace microgpt
