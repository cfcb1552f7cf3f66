// SPDX-License-Identifier: MIT
#include "report/explanation/explanation_html.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "engine/loss.h"
#include "report/explanation/attention_html.h"
#include "report/explanation/explanation_picture.h"
#include "report/explanation/explanation_table.h"
#include "report/plots/svg_text.h"
#include "report/probability_product.h"

namespace microgpt {
namespace explanation_page {
namespace {

constexpr std::size_t kTableColumns = 100;
constexpr std::size_t kFactors = 9;  // of the product
constexpr int kFactorDigits = 4;

constexpr const char* kStyle = R"(<style>
  :root { color-scheme: light dark; --page: #ffffff; --text: #334155; --strong: #0f172a; --faint: #64748b; --edge: #cbd5e1; }
  body { margin: 28px auto; max-width: 960px; padding: 0 20px; background: var(--page); color: var(--text);
         font: 15px/1.5 system-ui, sans-serif; }
  h1 { font-size: 24px; color: var(--strong); margin: 0; overflow-wrap: anywhere; }
  h2 { font-size: 17px; color: var(--strong); margin: 28px 0 6px; }
  h3 { font-size: 15px; color: var(--strong); margin: 18px 0 4px; }
  p { max-width: 100ch; margin: 6px 0; }
  .lead { color: var(--faint); margin-bottom: 20px; }
  .cells { display: flex; flex-wrap: wrap; gap: 14px 6px; margin: 16px 0; }
  .cell { width: 66px; text-align: center; font-size: 12px; line-height: 18px; outline: none; }
  .bars { height: 124px; display: flex; flex-direction: column; justify-content: flex-end; align-items: center;
          position: relative; }
  .bars::before { content: ""; position: absolute; left: 0; right: -6px; bottom: calc(var(--random) * 100px);
                  border-top: 1px dashed var(--faint); }
  .bar { width: 28px; height: calc(var(--loss) * 100px); position: relative; }
  .value { position: relative; padding: 0 2px; background: var(--page); }
  .value, .p { font-weight: 600; font-size: 13px; color: var(--strong); }
  .letter { height: 44px; line-height: 44px; border-radius: 6px; font: 600 22px/44px ui-monospace, monospace; color: #0f172a; }
  .short, .name { font-size: 14px; }
  .low { background: #86efac; } .middle { background: #fcd34d; } .high { background: #fca5a5; }
  .bar.low { background: #22c55e; } .bar.middle { background: #f59e0b; } .bar.high { background: #ef4444; }
  .small { gap: 8px 2px; }
  .small .cell { width: 24px; }
  .small .bars { height: 50px; }
  .small .bars::before { right: -2px; bottom: calc(var(--random) * 44px); }
  .small .bar { width: 12px; height: calc(var(--loss) * 44px); }
  .small .letter { height: 30px; font-size: 15px; line-height: 30px; border-radius: 3px; }
  .small .short { font-size: 9px; }
  .small .name { font-size: 6.4px; }
  .small .value, .small .p, .small .other { display: none; }
  .cell:hover .letter, .cell:focus .letter { box-shadow: 0 0 0 2px var(--strong); }
  .card { display: none; position: fixed; right: 20px; bottom: 20px; z-index: 1; min-width: 240px; padding: 12px 16px;
          border: 1px solid var(--edge); border-radius: 8px; background: var(--page); text-align: left; font-size: 13px;
          box-shadow: 0 4px 20px rgb(15 23 42 / 0.25); }
  .cell:hover .card, .cell:focus .card { display: block; }
  table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
  .card table { width: 100%; }
  .card td { padding: 0 10px 0 0; } .card td + td { text-align: right; padding: 0; }
  .key { display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin: 0 6px 0 0; }
  .keys span + .key { margin-left: 18px; }
  .keys, .faint { color: var(--faint); font-size: 13px; }
  .heads { display: flex; flex-wrap: wrap; gap: 20px 32px; }
  .heads caption { text-align: left; font-weight: 600; font-size: 13px; color: var(--strong); }
  .heads th { font: 600 12px ui-monospace, monospace; padding: 2px 6px; text-align: right; }
  .heads td { min-width: 26px; padding: 2px 4px; text-align: right; font-size: 12px;
              background: rgb(59 130 246 / calc(var(--w) * 0.9%)); }
  pre { font: 12px/1.4 ui-monospace, monospace; overflow-x: auto; }
  @media (prefers-color-scheme: dark) {
    :root { --page: #0f172a; --text: #cbd5e1; --strong: #f8fafc; --faint: #94a3b8; --edge: #475569; }
  }
</style>
)";

std::string row(const std::string& name, const std::string& value) {
  return fmt::format("<tr><td>{}</td><td>{}</td></tr>", svg_text(name), svg_text(value));
}

class Page {
 public:
  Page(const Explanation& explanation, const Tokenizer& tokenizer, const EarlierAttention& earlier)
      : explanation_(explanation),
        tokenizer_(tokenizer),
        earlier_(earlier),
        random_(uniform_loss(explanation.vocab_size)),
        highest_(highest_bar(explanation)) {}

  std::string html() const {
    const std::string heading = svg_text(picture_heading(explanation_));
    return fmt::format(
               "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
               "<meta name=\"viewport\" content=\"width=device-width, "
               "initial-scale=1\">\n<title>{0}</title>\n{1}</head>\n<body>\n"
               "<h1>{0}</h1>\n<p class=\"lead\">The loss is {2:.3f} nats, or {3:.3f} bits, a token: the mean surprise at each "
               "character after those before it, −ln P.</p>\n",
               heading, kStyle, explanation_.mean_nats(), nats_to_bits(explanation_.mean_nats())) +
           cells() + keys() + section("The loss", explanation_summary(explanation_)) + "<p>" + product() + "</p>\n" +
           section(explanation_.is_mixed() ? "The mixture" : "The gradient", gradient_note(explanation_, tokenizer_)) +
           (explanation_.heads.empty() ? "" : attention_html({explanation_, earlier_})) + numbers() + "</body>\n</html>\n";
  }

 private:
  std::string cells() const {
    std::string text = fmt::format("<div class=\"cells{}\" style=\"--random: {:.4f}\">\n",
                                   explanation_.positions.size() > kMaxDrawnLarge ? " small" : "", random_ / highest_);
    for (std::size_t i = 0; i < explanation_.positions.size(); ++i) text += cell(i);
    return text + "</div>\n";
  }

  std::string cell(std::size_t i) const {
    const PositionLoss& p = explanation_.positions[i];
    const char* color = class_of(surprise(p.nats, random_));
    const std::string label = target_label(p, tokenizer_);
    std::string text = fmt::format(
        "<div class=\"cell\" tabindex=\"0\"><div class=\"bars\"><span class=\"value\">{:.2f}</span><div class=\"bar {}\" "
        "style=\"--loss: {:.4f}\"></div></div><div class=\"letter {}{}\">{}</div><div class=\"p\">{}</div>",
        p.nats, color, std::min(p.nats, highest_) / highest_, color, smallness_of(label), svg_text(label),
        p.target == kUnseen ? "unseen" : svg_text(percent(p.probability)));
    for (std::size_t k = 0; k < std::min(kMaxOthersDrawn, p.alternatives.size()); ++k)
      text += fmt::format("<div class=\"other\">{}</div>", svg_text(candidate_label(p.alternatives[k], tokenizer_) + " " +
                                                                    percent(p.alternatives[k].probability)));
    return text + card(i) + "</div>\n";
  }

  // All of a position: what is likely there, and the gradient at those logits.
  std::string card(std::size_t i) const {
    const PositionLoss& p = explanation_.positions[i];
    std::string text = fmt::format("<div class=\"card\"><b>position {}: {} after {}</b><table>", i, svg_text(p.target_symbol),
                                   svg_text(p.input_symbol));
    text += row("P", p.target == kUnseen ? "unseen" : fmt::format("{:.6g}", p.probability));
    text += row("−ln P", fmt::format("{:.4f} nats", p.nats)) + row("", fmt::format("{:.4f} bits", p.bits()));
    if (p.parts) text += row("GPT, n-gram", fmt::format("{:.4f}, {:.4f}", p.parts->gpt, p.parts->ngram));
    if (p.target != kUnseen && !p.parts) text += row("gradient at its logit", fmt::format("{:+.4f}", p.probability - 1.0));
    text += "</table>";
    if (!p.alternatives.empty()) text += fmt::format("<b>likeliest others</b>, P{}<table>", p.parts ? "" : " and gradient");
    for (const Candidate& other : p.alternatives)
      text += row(tokenizer_.symbol(other.token), fmt::format("{:.4f}", other.probability));
    return text + (p.alternatives.empty() ? "" : "</table>") + "</div>";
  }

  std::string keys() const {
    return fmt::format(
        "<p class=\"keys\"><i class=\"key low\"></i><span>at most half of random</span><i class=\"key middle\"></i><span>up to "
        "random</span><i class=\"key high\"></i><span>more</span><br>Dashed: random guessing among {0}, ln {0} = {1:.3f} nats. "
        "Point at a character to see all of it.</p>\n",
        explanation_.vocab_size, random_);
  }

  // The probability of the whole document, and why its logarithm is what is added up.
  std::string product() const {
    std::vector<std::string> factors;
    for (const PositionLoss& p : explanation_.positions) factors.push_back(product_text(p.nats, kFactorDigits));
    return svg_text(product_sentence(factors, explanation_.total_nats(), kFactors));
  }

  static std::string section(const char* heading, const std::string& text) {
    return text.empty() ? "" : fmt::format("<h2>{}</h2>\n<p>{}</p>\n", heading, svg_text(text));
  }

  std::string numbers() const {
    return "<h2>The numbers</h2>\n<pre>\n" + svg_text(explanation_table(explanation_, tokenizer_, {}, kTableColumns)) +
           "</pre>\n";
  }

  const Explanation& explanation_;
  const Tokenizer& tokenizer_;
  const EarlierAttention& earlier_;
  double random_;
  double highest_;
};

}  // namespace
}  // namespace explanation_page

std::string explanation_html(const Explanation& explanation, const Tokenizer& tokenizer, const EarlierAttention& earlier) {
  using namespace explanation_page;
  return Page(explanation, tokenizer, earlier).html();
}

}  // namespace microgpt
