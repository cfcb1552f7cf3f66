// SPDX-License-Identifier: MIT
#include "report/plots/surprise_page.h"

#include <fmt/format.h>

#include <cmath>

#include "engine/loss.h"
#include "report/plots/svg_text.h"
#include "report/probability_product.h"

namespace microgpt {
namespace surprise_page {
namespace {

constexpr const char* kStyle = R"(<style>
  :root { color-scheme: light dark; --page: #ffffff; --text: #334155; --strong: #0f172a; --edge: #cbd5e1; }
  body { margin: 24px auto; max-width: 880px; padding: 0 20px; background: var(--page); color: var(--text);
         font: 15px/1.5 system-ui, sans-serif; }
  h1 { font-size: 22px; color: var(--strong); margin: 0 0 12px; }
  svg { max-width: 100%; height: auto; }
  table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 16px 0; }
  th, td { padding: 3px 14px 3px 0; text-align: right; }
  th { color: var(--strong); border-bottom: 1px solid var(--edge); }
  th:last-child, td:last-child { text-align: left; }
  tfoot td { color: var(--strong); font-weight: 600; }
  tfoot tr:first-child td { border-top: 1px solid var(--edge); }
  p { max-width: 90ch; }
  @media (prefers-color-scheme: dark) {
    :root { --page: #0f172a; --text: #cbd5e1; --strong: #f8fafc; --edge: #475569; }
  }
</style>
)";

std::string number(double value) { return std::isinf(value) ? "∞" : fmt::format("{:.4f}", value); }

std::string row(const std::string& probability, double nats, const std::string& meaning) {
  return fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n", svg_text(probability), number(nats),
                     number(nats_to_bits(nats)), svg_text(meaning));
}

std::string table(const SurprisePlot& plot) {
  std::string text =
      "<table>\n<thead><tr><th>P</th><th>−ln P, nats</th><th>−log₂ P, bits</th><th>meaning</th></tr></thead>\n<tbody>\n";
  for (const GivenProbability& p : plot.probabilities) text += row(p.text, nats_of(p.value), p.meaning);
  text += "</tbody>\n";
  if (plot.is_document) {
    const double sum = plot.total_nats(), mean = plot.mean_nats();
    text += "<tfoot>\n" + row(product_text(sum), sum, "the product, and its logarithm: the sum of the losses") +
            row(product_text(mean), mean,
                fmt::format("the mean of {}: perplexity e^{} = {}", plot.probabilities.size(), number(mean),
                            std::isinf(mean) ? "∞" : fmt::format("{:.4g}", std::exp(mean)))) +
            "</tfoot>\n";
  }
  return text + "</table>\n";
}

}  // namespace
}  // namespace surprise_page

std::string surprise_html(const SurprisePlot& plot) {
  using namespace surprise_page;
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>What a probability costs</title>\n"
      "{}</head>\n<body>\n<h1>What a probability costs</h1>\n{}{}"
      "<p>Nats divided by ln 2 are bits. Random guessing among {} tokens costs ln {} = {:.4f} nats.</p>\n</body>\n</html>\n",
      kStyle, surprise_svg(plot), table(plot), plot.vocab_size, plot.vocab_size, uniform_loss(plot.vocab_size));
}

}  // namespace microgpt
