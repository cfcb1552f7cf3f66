#include "report/explanation_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/bar.h"
#include "report/text_table.h"

namespace microgpt {
namespace {

constexpr std::size_t kBarWidth = 20;

std::string list_of(const std::vector<Candidate>& candidates, const Tokenizer& tokenizer) {
  std::string text;
  for (const Candidate& candidate : candidates)
    text += fmt::format("{}{} {:.3f}", text.empty() ? "" : "  ", tokenizer.symbol(candidate.token), candidate.probability);
  return text;
}

// Less surprised than by a random choice is good, half of it very good.
std::string colored_bar(double nats, double random_nats, double longest, const Style& style) {
  const std::string text = bar(nats / longest, kBarWidth);
  if (nats > random_nats) return style.red(text);
  return nats > random_nats / 2 ? style.yellow(text) : style.green(text);
}

}  // namespace

std::string explanation_table(const Explanation& explanation, const Tokenizer& tokenizer, const Style& style) {
  using enum TextTable::Align;
  TextTable table({{"pos", right},
                   {"input", left},
                   {"target", left},
                   {"P(target)", right},
                   {"loss, nats", right},
                   {"surprise, bits", right},
                   {"likeliest others", left},
                   {"loss", left}});
  const double random_nats = std::log(static_cast<double>(explanation.vocab_size));
  double longest = random_nats;
  for (const PositionLoss& p : explanation.positions)
    if (std::isfinite(p.nats)) longest = std::max(longest, p.nats);
  for (std::size_t i = 0; i < explanation.positions.size(); ++i) {
    const PositionLoss& p = explanation.positions[i];
    table.add_row({fmt::format("{}", i), tokenizer.symbol(p.input), tokenizer.symbol(p.target),
                   fmt::format("{:.4f}", p.probability), fmt::format("{:.3f}", p.nats), fmt::format("{:.3f}", p.bits()),
                   list_of(p.alternatives, tokenizer), colored_bar(p.nats, random_nats, longest, style)});
  }
  return table.str();
}

std::string explanation_summary(const Explanation& explanation) {
  const double mean = explanation.mean_nats();
  const auto v = static_cast<double>(explanation.vocab_size);
  return fmt::format(
      "  The loss is the mean of the {} losses: {:.3f} nats, as if the model had to choose among e^{:.3f} = {:.1f} tokens\n"
      "  that are equally likely. Random guessing among all {} costs ln {} = {:.3f}; certainty would cost 0.\n",
      explanation.positions.size(), mean, mean, std::exp(mean), explanation.vocab_size, explanation.vocab_size, std::log(v));
}

}  // namespace microgpt
