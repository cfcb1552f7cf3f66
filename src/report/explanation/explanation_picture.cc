// SPDX-License-Identifier: MIT
#include "report/explanation/explanation_picture.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/loss.h"
#include "report/plots/short_symbol.h"
#include "report/text_table.h"

namespace microgpt {
namespace {

constexpr const char* kEnd = "end";
constexpr std::size_t kMaxHeadingLength = 40;  // characters

}  // namespace

std::string target_label(const PositionLoss& position, const Tokenizer& tokenizer) {
  return position.target == tokenizer.bos() ? kEnd : short_symbol(position.target_symbol);
}

std::string candidate_label(const Candidate& candidate, const Tokenizer& tokenizer) {
  return candidate.token == tokenizer.bos() ? kEnd : short_symbol(tokenizer.symbol(candidate.token));
}

std::string percent(double probability) {
  if (probability < 0.0005) return "<0.1%";
  return fmt::format("{:.{}f}%", 100.0 * probability, probability < 0.0995 ? 1 : 0);
}

const char* class_of(Surprise surprise) {
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

const char* smallness_of(const std::string& label) {
  const std::size_t columns = display_width(label);
  if (columns > 3) return " name";
  return columns == 3 ? " short" : "";
}

std::string picture_heading(const Explanation& explanation) {
  const std::size_t characters = explanation.positions.size() - 1;
  if (characters == 0) return "an empty document";
  std::string heading;
  for (std::size_t i = 0; i < std::min(characters, kMaxHeadingLength); ++i) {
    const std::string& symbol = explanation.positions[i].target_symbol;
    heading += is_space(symbol) || is_line_end(symbol) ? " " : symbol;
  }
  return heading + (characters > kMaxHeadingLength ? "…" : "");
}

std::string describe_position(const Explanation& explanation, std::size_t position, const Tokenizer& tokenizer) {
  const PositionLoss& p = explanation.positions[position];
  std::string text = fmt::format("position {}: {} after {}: P {:.4g}, {:.3f} nats, {:.3f} bits", position, p.target_symbol,
                                 p.input_symbol, p.probability, p.nats, p.bits());
  for (const Candidate& other : p.alternatives)
    text += fmt::format("{}{} {:.4f}", &other == p.alternatives.data() ? "; likeliest others " : ", ",
                        tokenizer.symbol(other.token), other.probability);
  return text;
}

double highest_bar(const Explanation& explanation) {
  const double random = uniform_loss(explanation.vocab_size);
  double highest = random;
  for (const PositionLoss& p : explanation.positions) highest = std::max(highest, std::min(p.nats, kMaxBar * random));
  return highest;
}

}  // namespace microgpt
