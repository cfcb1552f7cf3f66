// SPDX-License-Identifier: MIT
// microgpt loss: what a loss means, without a model: the curve of -ln P, and a table from certain to hardly considered.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments.h"
#include "cli/commands/commands.h"
#include "cli/picture_files.h"
#include "cli/terminal.h"
#include "engine/loss.h"
#include "report/plots/line_plot.h"
#include "report/plots/surprise_page.h"
#include "report/plots/surprise_plot.h"
#include "report/text_table.h"

namespace microgpt {
namespace {

constexpr double kMinTop = 6.0;  // nats: what is drawn goes at least as high as this

struct LossOptions {
  std::size_t vocab_size = Config{}.vocab_size;
  std::vector<std::string> probabilities;
  PictureFiles pictures;
};

// A number such as 0.5 or a fraction such as 1/27.
std::optional<double> parse_fraction(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return parse_number<double>(text);
  const auto numerator = parse_number<double>(text.substr(0, slash));
  const auto denominator = parse_number<double>(text.substr(slash + 1));
  if (!numerator || !denominator || !(*denominator > 0.0)) return std::nullopt;
  return *numerator / *denominator;
}

std::string meaning_of(double probability, std::size_t vocab_size) {
  const double share_of_random = probability * static_cast<double>(vocab_size);
  constexpr double kWritten = 1e-6;  // nobody writes 1/27 with more digits than this needs
  if (probability == 1.0) return "certain";
  if (probability == 0.0) return "held to be impossible";
  if (std::abs(share_of_random - 1.0) < kWritten) return fmt::format("random: {} equally likely", vocab_size);
  if (probability >= 0.9) return "expected";
  if (probability == 0.5) return "a coin toss";
  if (probability > 0.5) return "more likely than not";
  if (share_of_random > 1.0) return "better than random";
  return share_of_random > 0.1 ? "worse than random" : "hardly considered";
}

GivenProbability parse_probability(const std::string& text, std::size_t vocab_size) {
  const auto value = parse_fraction(text);
  if (!value || !(*value >= 0.0 && *value <= 1.0))
    throw UsageError(fmt::format("loss: {}: a probability from 0 to 1 is expected, such as 0.5 or 1/27", text));
  return {text, *value, meaning_of(*value, vocab_size)};
}

std::string table_of(const std::vector<GivenProbability>& probabilities) {
  using enum TextTable::Align;
  constexpr std::size_t kBarWidth = 16;
  double longest = kMinTop;
  for (const GivenProbability& p : probabilities)
    if (p.value > 0.0) longest = std::max(longest, nats_of(p.value));
  TextTable table({{"P(target)", right}, {"loss, nats", right}, {"bits", right}, {"loss", left}, {"meaning", left}});
  for (const GivenProbability& p : probabilities) {
    const double nats = nats_of(p.value);
    table.add_row({p.text, fmt::format("{:.4f}", nats), fmt::format("{:.4f}", nats_to_bits(nats)),
                   bar(nats / longest, kBarWidth), p.meaning});
  }
  return table.str();
}

LinePlot curve(std::size_t vocab_size) {
  LinePlot plot;
  plot.title = "  loss = -ln P(target), nats";
  plot.x_label = "P(target)";
  plot.x_min = 0.0;
  plot.x_max = 1.0;
  plot.y_min = 0.0;
  plot.y_max = std::max(kMinTop, std::ceil(uniform_loss(vocab_size)));
  for (double tick : {0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 14})
    if (tick <= plot.y_max) plot.y_ticks.push_back(tick);
  plot.x_ticks = {0, 0.25, 0.5, 0.75, 1};
  plot.levels.push_back({uniform_loss(vocab_size), fmt::format("random: ln {}", vocab_size)});
  constexpr int kPoints = 2000;
  plot.curve.reserve(kPoints + 1);
  for (int i = 0; i <= kPoints; ++i) {
    const double p = static_cast<double>(i) / kPoints;
    plot.curve.push_back({p, nats_of(std::max(p, 1e-9))});  // at 0 it is infinite, and only has to be out of sight
  }
  plot.height = 14;
  plot.fit_into(output_width());
  return plot;
}

// The likeliest first.
std::vector<GivenProbability> default_probabilities(std::size_t vocab_size) {
  std::vector<GivenProbability> probabilities;
  for (const char* text : {"1", "0.99", "0.9", "0.75", "0.5", "0.25", "0.1", "0.01", "0.001", "1e-6", "0"})
    probabilities.push_back(parse_probability(text, vocab_size));
  probabilities.push_back(parse_probability(fmt::format("1/{}", vocab_size), vocab_size));
  std::stable_sort(probabilities.begin(), probabilities.end(),
                   [](const GivenProbability& x, const GivenProbability& y) { return x.value > y.value; });
  return probabilities;
}

void print_text(const SurprisePlot& plot) {
  if (!plot.is_document) print(curve(plot.vocab_size).str() + "\n");
  print(table_of(plot.probabilities));
  if (!plot.is_document)
    print(
        "\n  The loss of a document is the mean over its tokens. Nats divided by ln 2 are\n"
        "  bits, the length of the best code. e to the power of the mean is the\n"
        "  perplexity: as if the model chose among so many equally likely tokens. One\n"
        "  token that was held to be impossible makes the whole loss infinite.\n");
}

void run_loss(const LossOptions& options) {
  const PictureFiles& pictures = options.pictures;
  require_apart(pictures);
  SurprisePlot plot{{}, options.vocab_size, !options.probabilities.empty()};
  for (const std::string& text : options.probabilities)
    plot.probabilities.push_back(parse_probability(text, options.vocab_size));
  if (!plot.is_document) plot.probabilities = default_probabilities(options.vocab_size);
  if (pictures.svg) write_picture(*pictures.svg, surprise_svg(plot));
  if (pictures.html) write_picture(*pictures.html, surprise_html(plot));
  if (!pictures.has_output()) print_text(plot);
}

}  // namespace

void describe_loss(Command& command) {
  const auto options = std::make_shared<LossOptions>();
  add_integer(command, "--vocab-size", Config::kVocabSize, options->vocab_size, "Number of tokens, BOS included").in("Model");
  add_pictures(command, options->pictures);
  command.add_arguments("P", into(options->probabilities), "Probabilities, such as 0.5 or 1/27");
  command.takes_dashes = true;  // -0.5 is a wrong probability, and no flag
  command.add_example("microgpt loss", "Plot -ln P, and list what losses mean");
  command.add_example("microgpt loss 0.9 0.5 1/27", "Print the loss of three probabilities");
  command.add_example("microgpt loss 0.9 0.5 1/27 --svg loss.svg", "Draw them on the curve, with their mean");
  command.run = [=] { run_loss(*options); };
}

}  // namespace microgpt
