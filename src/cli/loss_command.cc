// microgpt loss: what a loss means, without a model: the curve of -ln P, and a table from certain to hardly considered.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/terminal.h"
#include "engine/mean_loss.h"
#include "report/bar.h"
#include "report/line_plot.h"
#include "report/text_table.h"

namespace microgpt {
namespace {

constexpr double kHighestDrawn = 6.0;  // nats

struct Options {
  std::size_t vocab_size = 27;
};

struct Probability {
  std::string text;  // as the user wrote it
  double value;
};

std::optional<double> parse_real(std::string_view text) {
  double value = 0.0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

// A number such as 0.5 or a fraction such as 1/27.
std::optional<double> parse_fraction(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return parse_real(text);
  const auto numerator = parse_real(text.substr(0, slash));
  const auto denominator = parse_real(text.substr(slash + 1));
  if (!numerator || !denominator || !(*denominator > 0.0)) return std::nullopt;
  return *numerator / *denominator;
}

Probability parse_probability(const std::string& text) {
  const auto value = parse_fraction(text);
  if (!value || !(*value >= 0.0 && *value <= 1.0))
    throw UsageError(fmt::format("loss: {}: a probability from 0 to 1 is expected, such as 0.5 or 1/27", text));
  return {text, *value};
}

double loss_of(double probability) { return 0.0 - std::log(probability); }  // 0.0 - and not -, so that certainty costs no -0

std::string meaning_of(double probability, std::size_t vocab_size) {
  const double random = 1.0 / static_cast<double>(vocab_size);
  if (probability == 1.0) return "certain: nothing was learned from seeing it";
  if (probability == 0.0) return "held to be impossible: one such token makes the whole loss infinite";
  if (probability == random) return fmt::format("random: all {} tokens equally likely, as in a fresh model", vocab_size);
  if (probability >= 0.9) return "expected";
  if (probability == 0.5) return "a coin toss: one bit";
  if (probability > 0.5) return "more likely than not";
  if (probability > random) return "one guess among several, better than random";
  if (probability > 0.1 * random) return "worse than random: something else was expected";
  return "hardly considered";
}

std::string table_of(const std::vector<Probability>& probabilities, std::size_t vocab_size) {
  using enum TextTable::Align;
  TextTable table({{"P(target)", right}, {"loss, nats", right}, {"bits", right}, {"", left}, {"meaning", left}});
  for (const Probability& p : probabilities) {
    const double nats = loss_of(p.value);
    table.add_row({p.text, fmt::format("{:.4f}", nats), fmt::format("{:.4f}", nats_to_bits(nats)),
                   bar(nats / kHighestDrawn, 12), meaning_of(p.value, vocab_size)});
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
  plot.y_max = kHighestDrawn;
  plot.y_ticks = {0, 1, 2, 3, 4, 5, 6};
  plot.x_ticks = {0, 0.25, 0.5, 0.75, 1};
  plot.levels.push_back({uniform_loss(vocab_size), fmt::format("random guessing: ln {}", vocab_size)});
  constexpr int kPoints = 2000;
  plot.curve.reserve(kPoints + 1);
  for (int i = 0; i <= kPoints; ++i) {
    const double p = static_cast<double>(i) / kPoints;
    plot.curve.push_back({p, loss_of(std::max(p, 1e-9))});  // at 0 it is infinite, and only has to be out of sight
  }
  plot.height = 14;
  return plot;
}

std::vector<Probability> usual_probabilities(std::size_t vocab_size) {
  return {{"1", 1.0},     {"0.99", 0.99},
          {"0.9", 0.9},   {"0.75", 0.75},
          {"0.5", 0.5},   {"0.25", 0.25},
          {"0.1", 0.1},   {fmt::format("1/{}", vocab_size), 1.0 / static_cast<double>(vocab_size)},
          {"0.01", 0.01}, {"0.001", 0.001},
          {"1e-6", 1e-6}, {"0", 0.0}};
}

void run_loss(const Options& options, const std::vector<std::string>& arguments) {
  std::vector<Probability> probabilities;
  for (const std::string& argument : arguments) probabilities.push_back(parse_probability(argument));
  if (probabilities.empty()) {
    print(curve(options.vocab_size).str() + "\n");
    probabilities = usual_probabilities(options.vocab_size);
    std::stable_sort(probabilities.begin(), probabilities.end(),
                     [](const Probability& a, const Probability& b) { return a.value > b.value; });
  }
  print(table_of(probabilities, options.vocab_size));
  if (arguments.empty())
    print(
        "\n  The loss of a document is the mean over its tokens. Nats divided by ln 2 are bits, the length of the best code;\n"
        "  e to the power of the mean is the perplexity: as if the model chose among so many equally likely tokens.\n");
}

}  // namespace

void add_loss_command(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("loss", "What a loss means: the curve of -ln P and a table, or the loss of each P given");
  const auto options = std::make_shared<Options>();
  add_integer(
      *command, "--vocab-size", Config::kVocabSize, [=](std::size_t n) { options->vocab_size = n; },
      "Number of tokens, BOS included [27]");
  command->allow_extras();  // the probabilities: a declared positional would take -0.5 for a flag
  command->footer("Arguments are probabilities such as 0.5 or 1/27.");
  command->callback([=] { run_loss(*options, command->remaining()); });
}

}  // namespace microgpt
