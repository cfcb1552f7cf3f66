#include "report/explanation_svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "engine/mean_loss.h"
#include "report/explanation_table.h"
#include "report/svg_text.h"

namespace microgpt {
namespace {

constexpr double kCell = 72, kGap = 6;  // the width of a cell with the gap at its right
constexpr double kLeft = 28, kTop = 78;
constexpr double kBars = 120;  // the height of the room for bars
constexpr double kLetter = 44;
constexpr double kLine = 18;
constexpr std::size_t kCellsInARow = 12;
constexpr std::size_t kLeastCellsWide = 8;  // the title and the sum need so much
constexpr std::size_t kMostOthers = 3;
constexpr double kHighestBar = 3.0;  // times the loss of a random choice; what is higher is cut there

constexpr const char* kStyle = R"(  <style>
    svg { background: #ffffff; font: 13px system-ui, sans-serif; }
    text { fill: #334155; }
    .title { font-size: 17px; font-weight: 600; fill: #0f172a; }
    .letter { font: 600 22px ui-monospace, monospace; fill: #0f172a; text-anchor: middle; }
    .long { font-size: 14px; }
    .value { text-anchor: middle; font-weight: 600; fill: #0f172a; }
    .small { text-anchor: middle; font-size: 12px; }
    .faint { font-size: 12px; fill: #64748b; }
    .random { stroke: #64748b; stroke-dasharray: 4 4; }
    .low { fill: #86efac; } .middle { fill: #fcd34d; } .high { fill: #fca5a5; }
    .bar.low { fill: #22c55e; } .bar.middle { fill: #f59e0b; } .bar.high { fill: #ef4444; }
    @media (prefers-color-scheme: dark) {
      svg { background: #0f172a; }
      text { fill: #cbd5e1; }
      .title, .value { fill: #f8fafc; }
      .faint { fill: #94a3b8; }
      .random { stroke: #94a3b8; }
    }
  </style>
)";

const char* name_of(Surprise surprise) {
  switch (surprise) {
    case Surprise::low:
      return "low";
    case Surprise::middle:
      return "middle";
    case Surprise::high:
      return "high";
  }
  return "";
}

// What stands in a cell for the token that ends documents.
constexpr const char* kEnd = "end";

std::string percent(double probability) {
  if (probability < 0.0005) return "<0.1%";
  return fmt::format("{:.{}f}%", 100.0 * probability, probability < 0.0995 ? 1 : 0);
}

class Picture {
 public:
  Picture(const Explanation& explanation, const Tokenizer& tokenizer)
      : explanation_(explanation), tokenizer_(tokenizer), random_(uniform_loss(explanation.vocab_size)) {
    longest_ = random_;
    for (const PositionLoss& p : explanation.positions) {
      longest_ = std::max(longest_, std::min(p.nats, kHighestBar * random_));
      others_ = std::max(others_, std::min(kMostOthers, p.alternatives.size()));
    }
  }

  std::string svg() const {
    const std::size_t rows = (explanation_.positions.size() + kCellsInARow - 1) / kCellsInARow;
    const double bottom = kTop + static_cast<double>(rows) * row_height();
    std::string text = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:g} {1:g}\" width=\"{0:g}\" height=\"{1:g}\" role=\"img\">\n"
        "  <title>{2}</title>\n{3}"
        "  <text class=\"title\" x=\"{4}\" y=\"34\">{2}</text>\n"
        "  <text class=\"faint\" x=\"{4}\" y=\"56\">the surprise at each character, given those before it: −ln P, in "
        "nats</text>\n",
        width(), bottom + 78.0, title(), kStyle, kLeft);
    for (std::size_t row = 0; row < rows; ++row) text += random_line(row);
    for (std::size_t i = 0; i < explanation_.positions.size(); ++i) text += cell(i);
    return text + footer(bottom) + "</svg>\n";
  }

 private:
  double row_height() const { return kBars + kLetter + kLine * static_cast<double>(2 + others_) + 14.0; }
  std::size_t cells_wide() const { return std::max(kLeastCellsWide, std::min(kCellsInARow, explanation_.positions.size())); }
  double width() const { return 2.0 * kLeft + kCell * static_cast<double>(cells_wide()) - kGap; }
  double row_top(std::size_t row) const { return kTop + static_cast<double>(row) * row_height(); }
  double bar_height(double nats) const { return (kBars - 20.0) * std::min(nats, longest_) / longest_; }

  std::string title() const {
    std::string document;
    constexpr std::size_t kMostShown = 40;
    for (std::size_t i = 0; i + 1 < explanation_.positions.size(); ++i) {
      if (i == kMostShown) {
        document += "…";
        break;
      }
      document += is_long(i) ? " " : explanation_.positions[i].target_symbol;
    }
    return svg_text(fmt::format("{} — the loss is {:.3f} nats a token", document.empty() ? "an empty document" : document,
                                explanation_.mean_nats()));
  }

  // Shown by the name of its code, as white space is.
  bool is_long(std::size_t i) const { return explanation_.positions[i].target_symbol.size() > 4; }

  std::string random_line(std::size_t row) const {
    const std::size_t cells = std::min(kCellsInARow, explanation_.positions.size() - row * kCellsInARow);
    const double y = row_top(row) + kBars - bar_height(random_);
    return fmt::format("  <line class=\"random\" x1=\"{0}\" y1=\"{2:.1f}\" x2=\"{1}\" y2=\"{2:.1f}\"/>\n", kLeft,
                       kLeft + kCell * static_cast<double>(cells) - kGap, y);
  }

  std::string cell(std::size_t i) const {
    const PositionLoss& p = explanation_.positions[i];
    const double x = kLeft + kCell * static_cast<double>(i % kCellsInARow);
    const double middle = x + (kCell - kGap) / 2;
    const double base = row_top(i / kCellsInARow) + kBars;
    const bool ends = p.target == tokenizer_.bos();
    const char* color = name_of(surprise(p.nats, random_));
    const double height = bar_height(p.nats);
    std::string text = fmt::format("  <g>\n    <title>{}</title>\n", svg_text(said_of(i)));
    text += fmt::format("    <rect class=\"bar {}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"28\" height=\"{:.1f}\"/>\n", color,
                        middle - 14, base - height, height);
    text +=
        fmt::format("    <text class=\"value\" x=\"{:.1f}\" y=\"{:.1f}\">{:.2f}</text>\n", middle, base - height - 5, p.nats);
    text += fmt::format("    <rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"6\"/>\n", color, x, base,
                        kCell - kGap, kLetter);
    text += fmt::format("    <text class=\"letter{}\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", is_long(i) || ends ? " long" : "",
                        middle, base + 29.0, svg_text(ends ? kEnd : p.target_symbol));
    double y = base + kLetter + kLine;
    text += fmt::format("    <text class=\"value\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", middle, y,
                        p.target == kUnseen ? "unseen" : svg_text(percent(p.probability)));
    for (std::size_t k = 0; k < std::min(others_, p.alternatives.size()); ++k) {
      y += kLine;
      const Candidate& other = p.alternatives[k];
      text += fmt::format("    <text class=\"small\" x=\"{:.1f}\" y=\"{:.1f}\">{} {}</text>\n", middle, y,
                          svg_text(other.token == tokenizer_.bos() ? kEnd : tokenizer_.symbol(other.token)),
                          svg_text(percent(other.probability)));
    }
    return text + "  </g>\n";
  }

  std::string said_of(std::size_t i) const {
    const PositionLoss& p = explanation_.positions[i];
    return fmt::format("position {}: {} after {}; P {:.6g}, {:.4f} nats, {:.4f} bits", i, p.target_symbol, p.input_symbol,
                       p.probability, p.nats, p.bits());
  }

  std::string footer(double y) const {
    return fmt::format(
        "  <text x=\"{0}\" y=\"{1:.1f}\">sum {2:.3f} nats, {3:.3f} bits; random guessing among {4}: {5:.3f} nats</text>\n"
        "  <text class=\"faint\" x=\"{0}\" y=\"{6:.1f}\">dashed: random guessing, ln {4} = {7:.3f}; green: at most half of "
        "it, red: more</text>\n"
        "  <text class=\"faint\" x=\"{0}\" y=\"{8:.1f}\">below a character: its probability P, and the likeliest "
        "others</text>\n",
        kLeft, y + 14.0, explanation_.total_nats(), nats_to_bits(explanation_.total_nats()), explanation_.vocab_size,
        explanation_.random_nats(), y + 38.0, random_, y + 56.0);
  }

  const Explanation& explanation_;
  const Tokenizer& tokenizer_;
  double random_;
  double longest_;
  std::size_t others_ = 0;
};

}  // namespace

std::string explanation_svg(const Explanation& explanation, const Tokenizer& tokenizer) {
  return Picture(explanation, tokenizer).svg();
}

}  // namespace microgpt
