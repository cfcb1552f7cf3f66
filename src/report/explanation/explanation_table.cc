// SPDX-License-Identifier: MIT
#include "report/explanation/explanation_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include "engine/loss.h"
#include "report/explanation/attention_panels.h"
#include "report/plots/short_symbol.h"
#include "report/text_table.h"
#include "scoring/token_scorer.h"
#include "scoring/windows.h"

namespace microgpt {
namespace {

constexpr std::size_t kIndent = 2;
constexpr std::size_t kNarrowest = 4;  // " 100"

std::string right_aligned(const std::string& text, std::size_t width) {
  return std::string(width - std::min(width, display_width(text)), ' ') + text;
}

std::string shade(const std::string& text, double weight, double most, const Style& style) {
  if (weight == most) return style.bold(text);
  return weight < 0.1 ? style.dim(text) : text;
}

class Table {
 public:
  Table(const Explanation& explanation, const Style& style) : explanation_(explanation), style_(style) {
    for (const PositionLoss& p : explanation.positions) label_ = std::max(label_, display_width(symbol(p)));
    cell_ = std::max(kNarrowest, label_ + 1);
  }

  std::size_t cells_in(std::size_t columns) const {
    const std::size_t taken = kIndent + label_ + 1;  // the last column of a terminal stays free
    return std::max<std::size_t>(1, (columns - std::min(columns, taken)) / cell_);
  }

  std::string str(std::size_t head, const AttentionPanel& panel) const {
    std::string text(kIndent + label_, ' ');
    for (std::size_t i = panel.begin; i < panel.column_end; ++i)
      text += right_aligned(symbol(explanation_.positions[i]), cell_);
    text += "\n";
    for (std::size_t i = panel.begin; i < panel.row_end; ++i) text += row(explanation_.positions[i], i, head, panel);
    return text;
  }

 private:
  static std::string symbol(const PositionLoss& p) { return short_symbol(p.input_symbol); }

  std::string row(const PositionLoss& p, std::size_t position, std::size_t head, const AttentionPanel& panel) const {
    const std::vector<double>& weights = p.attention[head];
    const double most = *std::max_element(weights.begin(), weights.end());
    std::string text = std::string(kIndent, ' ') + right_aligned(symbol(p), label_);
    const std::size_t begin = std::max(panel.begin, p.attention_begin);
    text += std::string(cell_ * (begin - panel.begin), ' ');
    for (std::size_t i = begin; i < std::min(panel.column_end, position + 1); ++i) {
      const double weight = weights[i - p.attention_begin];
      text += shade(right_aligned(fmt::format("{}", std::lround(100.0 * weight)), cell_), weight, most, style_);
    }
    return text + "\n";
  }

  const Explanation& explanation_;
  const Style& style_;
  std::size_t label_ = 0;
  std::size_t cell_;
};

constexpr std::size_t kMinBarWidth = 6;
constexpr std::size_t kMinMixtureBarWidth = 4;
constexpr std::size_t kMaxBarWidth = 24;

std::size_t max_alternatives(const Explanation& explanation) {
  std::size_t most = 0;
  for (const PositionLoss& p : explanation.positions) most = std::max(most, p.alternatives.size());
  return most;
}

std::string list_of(std::span<const Candidate> candidates, const Tokenizer& tokenizer) {
  std::string text;
  for (const Candidate& candidate : candidates)
    text += fmt::format("{}{} {:.2f}", text.empty() ? "" : "  ", tokenizer.symbol(candidate.token), candidate.probability);
  return text;
}

// ".210^.43": what a part of a mixture makes of the target, and its exponent.
std::string part_of(double probability, float exponent) {
  const auto short_number = [](const std::string& text) { return text.starts_with("0.") ? text.substr(1) : text; };
  return short_number(fmt::format("{:.3f}", probability)) + "^" + short_number(fmt::format("{:.2f}", exponent));
}

std::string shown(Token token, const std::string& symbol) { return token == kUnseen ? symbol + " ?" : symbol; }

std::string unseen_note(const Explanation& explanation) {
  const std::size_t unseen = explanation.unseen();
  if (unseen == 0) return "";
  return fmt::format(
      "  {0} {1} unseen (?); the model reads BOS in {2} place. Each costs\n"
      "  ln {3} + ln {4} = {5:.3f}.\n",
      unseen, unseen == 1 ? "character is" : "characters are", unseen == 1 ? "its" : "their", explanation.vocab_size,
      kCodePoints, unseen_loss(explanation.vocab_size));
}

std::string window_note(const Explanation& explanation) {
  if (explanation.positions.size() <= explanation.block_size) return "";
  return fmt::format(
      "  The document is longer than the context of {0}: from position {0} on the model\n"
      "  sees what a window of {0} positions shows, which moves on by {1}.\n",
      explanation.block_size, window_stride(explanation.block_size));
}

std::string colored(const std::string& text, double nats, double random_nats, const Style& style) {
  switch (surprise(nats, random_nats)) {
    case Surprise::low:
      return style.green(text);
    case Surprise::middle:
      return style.yellow(text);
    case Surprise::high:
      return style.red(text);
  }
  return text;
}

// The position at which the model was most surprised by a token that it knows, or none.
const PositionLoss* most_surprising(const Explanation& explanation) {
  const PositionLoss* most = nullptr;
  for (const PositionLoss& p : explanation.positions)
    if (p.target != kUnseen && (most == nullptr || p.nats > most->nats)) most = &p;
  return most;
}

}  // namespace

std::string attention_table(const Explanation& explanation, const Style& style, std::size_t columns) {
  const Table table(explanation, style);
  const std::vector<AttentionPanel> panels = attention_panels(explanation, table.cells_in(columns));
  std::string text =
      "  Attention of the last layer: how much, in per cent, a position (down) takes\n"
      "  of itself and of those before it (across), by their inputs.\n";
  for (std::size_t head = 0; head < explanation.heads.size(); ++head)
    for (const AttentionPanel& panel : panels) {
      text += "\n  " + style.bold(fmt::format("head {}", explanation.heads[head]));
      if (panels.size() > 1) text += fmt::format(", of positions {} to {}", panel.begin, panel.column_end - 1);
      text += "\n" + table.str(head, panel);
    }
  return text;
}

Surprise surprise(double nats, double random_nats) {
  if (nats > random_nats) return Surprise::high;
  return nats > random_nats / 2 ? Surprise::middle : Surprise::low;
}

std::string explanation_table(const Explanation& explanation, const Tokenizer& tokenizer, const Style& style,
                              std::size_t columns) {
  using enum TextTable::Align;
  const bool mixed = explanation.is_mixed();
  const std::size_t shortest = mixed ? kMinMixtureBarWidth : kMinBarWidth;
  const double random_nats = uniform_loss(explanation.vocab_size);
  double longest = random_nats;
  for (const PositionLoss& p : explanation.positions)
    if (std::isfinite(p.nats)) longest = std::max(longest, p.nats);
  const auto table_of = [&](std::size_t others, std::size_t bar_width) {
    std::vector<TextTable::Column> columns_of_table{{"pos", right}, {"input", left}, {"target", left}};
    if (mixed)  // with short headings, as there is more to show
      columns_of_table.insert(columns_of_table.end(),
                              {{"P", right}, {"nats", right}, {"GPT", left}, {"n-gram", left}, {"others", left}});
    else
      columns_of_table.insert(columns_of_table.end(),
                              {{"P(target)", right}, {"nats", right}, {"bits", right}, {"likeliest others", left}});
    columns_of_table.push_back({bar_width > 0 ? "loss" : "", left});
    TextTable table(std::move(columns_of_table));
    for (std::size_t i = 0; i < explanation.positions.size(); ++i) {
      const PositionLoss& p = explanation.positions[i];
      std::vector<std::string> row{fmt::format("{}", i), shown(p.input, p.input_symbol),
                                   colored(shown(p.target, p.target_symbol), p.nats, random_nats, style),
                                   fmt::format("{:.4f}", p.probability), fmt::format("{:.3f}", p.nats)};
      if (!mixed) row.push_back(fmt::format("{:.3f}", p.bits()));
      if (mixed) {
        row.push_back(p.parts ? part_of(p.parts->gpt, p.parts->exponents.gpt) : "");
        row.push_back(p.parts ? part_of(p.parts->ngram, p.parts->exponents.ngram) : "");
      }
      row.push_back(list_of(std::span(p.alternatives).first(std::min(others, p.alternatives.size())), tokenizer));
      row.push_back(colored(bar(p.nats / longest, bar_width), p.nats, random_nats, style));
      table.add_row(std::move(row));
    }
    return table;
  };
  // The last column of the terminal stays free.
  const auto bar_columns = [&](std::size_t others) { return columns - std::min(columns, table_of(others, 0).width() + 1); };
  std::size_t others = max_alternatives(explanation);
  if (others <= kAlternatives)  // who asks for more wants to see them
    while (others > 1 && bar_columns(others) < shortest) --others;
  return table_of(others, std::clamp(bar_columns(others), shortest, kMaxBarWidth)).str();
}

std::string explanation_summary(const Explanation& explanation) {
  const double mean = explanation.mean_nats();
  const double random = uniform_loss(explanation.vocab_size);
  const std::size_t size = explanation.positions.size();
  const double sum = explanation.total_nats();
  const std::string mean_note = fmt::format(
      "  The loss is the mean of {0}, {1:.3f} nats or {2:.3f} bits: as if the\n"
      "  model chose among e^{1:.3f} = {3:.1f} equally likely tokens. Random guessing\n"
      "  among all {4} costs ln {4} = {5:.3f} nats, {6:.3f} bits; certainty would cost 0.\n"
      "  The sum, {7:.3f} nats or {8:.3f} bits, is the surprise at the document;\n"
      "  random guessing comes to {9:.3f} nats or {10:.3f} bits.\n",
      size == 1 ? "1 loss" : fmt::format("the {} losses", size), mean, nats_to_bits(mean), std::exp(mean),
      explanation.vocab_size, random, nats_to_bits(random), sum, nats_to_bits(sum), explanation.random_nats(),
      nats_to_bits(explanation.random_nats()));
  return mean_note + unseen_note(explanation) + window_note(explanation);
}

std::string gradient_note(const Explanation& explanation, const Tokenizer& tokenizer) {
  if (explanation.is_mixed())
    return "  P is the GPT's times the n-gram's, each to a power, and times a factor where\n"
           "  the n-gram has seen the token there, over the sum of all such products; the\n"
           "  powers depend on what it has seen at a position.\n";
  const PositionLoss* most = most_surprising(explanation);
  if (most == nullptr) return "";
  std::string others;
  for (const Candidate& other : std::span(most->alternatives).first(std::min<std::size_t>(2, most->alternatives.size())))
    others += fmt::format(", {:+.4f} for {}", other.probability, tokenizer.symbol(other.token));
  const std::size_t size = explanation.positions.size();
  return fmt::format(
      "  Backpropagation begins at the logits: the gradient there is P of each token,\n"
      "  less 1 at the target{}. At position {}:\n"
      "  {:+.4f} for {} (P - 1){}.\n"
      "  Training goes against it: the target's logit rises, all others fall.\n",
      size == 1 ? "" : fmt::format("; the mean divides it by {}", size), most - explanation.positions.data(),
      most->probability - 1.0, most->target_symbol, others);
}

}  // namespace microgpt
