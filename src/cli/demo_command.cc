// microgpt demo: the whole of microgpt in front of one's eyes. Trains on the embedded names, draws the loss, makes up names
// and lays the loss of one name open.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/interruption.h"
#include "cli/terminal.h"
#include "engine/mean_loss.h"
#include "inference/explain.h"
#include "inference/generate.h"
#include "report/explanation_table.h"
#include "report/line_plot.h"
#include "report/training_curve.h"
#include "training/initial_loss.h"
#include "training/reference_run.h"

namespace microgpt {
namespace {

constexpr std::size_t kSamples = 20;
constexpr std::size_t kSamplesPerRow = 4;
constexpr std::size_t kHeldOutDocuments = 1000;
constexpr double kTemperature = 0.5;
constexpr std::string_view kExplainedName = "emma";

void print_heading(const Style& style, std::string_view text) { print("\n" + style.bold(text) + "\n"); }

void describe_run(ReferenceRun& run, const Corpus& corpus) {
  const Config& config = run.engine().config();
  print(
      fmt::format("  data      {} names ({})\n"
                  "  tokens    {}: {} different characters, and BOS that begins and ends a name\n"
                  "  model     {} parameters: {} layer, {} heads, {} features, a context of {}\n"
                  "  training  {} steps of Adam, a name each, on a graph of scalars\n",
                  corpus.size(), corpus.name(), config.vocab_size, config.vocab_size - 1, run.table().parameter_count(),
                  config.n_layer, config.n_head, config.n_embd, config.block_size, run.trainer().num_steps()));
}

std::vector<double> train(ReferenceRun& run, const Interruption& interruption) {
  Trainer& trainer = run.trainer();
  std::vector<double> losses;
  ProgressBar progress("  training", trainer.num_steps());
  while (trainer.step() < trainer.num_steps()) {
    losses.push_back(trainer.train_step());
    progress.update(trainer.step(), fmt::format("step {} of {}", trainer.step(), trainer.num_steps()));
    interruption.check();
  }
  return losses;
}

void print_held_out_loss(ReferenceRun& run, const Batch& held_out, const MeanLoss& before) {
  const MeanLoss after = mean_loss(run.engine(), held_out);
  print(
      fmt::format("  On {} other names, none of which it was trained on, the loss was {:.3f}\n"
                  "  before and is {:.3f} now (mean over names; over tokens {:.3f}). That is\n"
                  "  {:.2f} bits a token, where random guessing needs {:.2f}.\n",
                  held_out.documents(), before.document_mean, after.document_mean, after.token_mean,
                  nats_to_bits(after.token_mean), nats_to_bits(uniform_loss(run.tokenizer().vocab_size()))));
}

bool was_trained_on(const ReferenceRun& run, std::string_view name, std::size_t steps) {
  for (std::size_t step = 0; step < steps; ++step)
    if (run.document_of_step(step) == name) return true;
  return false;
}

void print_samples(ReferenceRun& run, const Corpus& corpus) {
  std::set<std::string, std::less<>> known;
  for (std::size_t i = 0; i < corpus.size(); ++i) known.emplace(corpus[i]);
  bool any_known = false;
  for (std::size_t i = 0; i < kSamples; ++i) {
    std::string name = run.tokenizer().decode(generate(run.engine(), run.tokenizer().bos(), kTemperature, run.random()));
    if (known.contains(name)) {
      any_known = true;
      name += "*";
    }
    const bool ends_row = (i + 1) % kSamplesPerRow == 0;
    print(i % kSamplesPerRow == 0 ? "  " : "");
    print(ends_row ? name + "\n" : fmt::format("{:<18}", name));
  }
  if (any_known) print("  * is a name of the data\n");
}

void run_demo() {
  const Style style = style_for(stdout);
  const Corpus corpus = embedded_names();
  ReferenceRun run(corpus, {});
  print_heading(style, "A GPT learns to make up names");
  describe_run(run, corpus);

  print_heading(style, "Before training");
  const Batch held_out = run.held_out_documents(kHeldOutDocuments);
  const MeanLoss before = mean_loss(run.engine(), held_out);
  print(describe(check_initial_loss(run.engine(), run.first_documents(kInitialLossDocuments)), "  "));
  flush_output();

  const std::vector<double> losses = train(run, Interruption());
  print_heading(style, "Training");
  print(training_curve(losses, run.tokenizer().vocab_size(), output_width()).str());
  print_held_out_loss(run, held_out, before);

  print_heading(style, fmt::format("{} new names (temperature {})", kSamples, kTemperature));
  print_samples(run, corpus);

  const bool known = was_trained_on(run, kExplainedName, run.trainer().num_steps());
  print_heading(style, fmt::format("The loss of \"{}\" laid open, a name that the model {} trained on", kExplainedName,
                                   known ? "was" : "was not"));
  const Explanation explanation = explain(run.engine(), run.tokenizer(), kExplainedName);
  print(explanation_table(explanation, run.tokenizer(), style, output_width()));
  print(explanation_summary(explanation));
  print("\n  Next: \"loss\" says what a loss means; \"reference\" is microgpt.py, bit for bit.\n");
}

}  // namespace

void add_demo_command(CLI::App& app) {
  app.add_subcommand("demo", "Train on the embedded names, draw the loss, make up names, lay a loss open")->callback(run_demo);
}

}  // namespace microgpt
