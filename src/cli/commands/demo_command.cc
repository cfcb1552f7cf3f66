// SPDX-License-Identifier: MIT
// microgpt demo: the whole of microgpt in front of one's eyes. Trains on the embedded names, draws the loss, makes up names
// and lays the loss of one name open.
#include <fmt/format.h>

#include <set>
#include <span>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/commands/commands.h"
#include "cli/interruption.h"
#include "cli/step_progress.h"
#include "cli/terminal.h"
#include "engine/loss.h"
#include "inference/explain_document.h"
#include "inference/sampler.h"
#include "report/explanation/explanation_table.h"
#include "report/numbers.h"
#include "report/plots/loss_plots.h"
#include "report/run/verdict.h"
#include "text/split.h"
#include "training/loss_checks.h"
#include "training/train_loop.h"
#include "training/training_run.h"

namespace microgpt {
namespace {

constexpr std::size_t kSamples = 20;
constexpr std::size_t kSamplesPerRow = 4;
constexpr std::size_t kHeldOutPoints = 40;  // of the curve
constexpr double kTemperature = 0.5;
constexpr std::string_view kExplainedName = "emma";

void print_heading(const Style& style, std::string_view text) { print("\n" + style.bold(text) + "\n"); }

void describe_run(const TrainingRun& run, const Corpus& corpus) {
  const Config& config = run.config();
  print(
      fmt::format("  data      {} names ({})\n"
                  "  held out  {} names for validation and {} for a test; {} to train on\n"
                  "  tokens    {}: {} different characters, and BOS that begins and ends a name\n"
                  "  model     {} parameters: {} layer, {} heads, {} features, a context of {}\n"
                  "  training  {} steps of Adam, {} names each, with the fast engine\n",
                  corpus.size(), corpus.name(), run.validation()->size(), run.test()->size(), run.own_documents(),
                  config.vocab_size, config.vocab_size - 1, run.table().parameter_count(), config.n_layer, config.n_head,
                  config.n_embd, config.block_size, run.trainer().num_steps(), run.options().batch_size));
}

struct Course {
  std::vector<Point> losses;  // of the steps
  std::vector<Point> held_out;
  MeanLoss before;  // held-out
  MeanLoss after;
  double seconds;  // of the steps alone
};

class DemoObserver final : public TrainObserver {
 public:
  DemoObserver(const TrainingRun& run, const Interruption& interruption)
      : run_(run), progress_(run, interruption, "  training", true) {}

  void on_steps_begin() override { progress_.begin(); }
  void on_steps_end() override { progress_.end(); }
  void on_step(std::size_t step, double loss) override {
    course_.losses.push_back({static_cast<double>(step), loss});
    progress_.take_step(loss);
  }
  void on_report(std::size_t, const std::optional<MeanLoss>& validation) override {
    course_.after = *validation;
    if (course_.held_out.empty()) course_.before = course_.after;
    course_.held_out.push_back({static_cast<double>(run_.trainer().step()), course_.after.document_mean});
    course_.seconds = progress_.seconds();
  }

  const Course& course() const { return course_; }

 private:
  const TrainingRun& run_;
  StepProgress progress_;
  Course course_{};
};

Course train(TrainingRun& run, const Interruption& interruption) {
  DemoObserver observer(run, interruption);
  train_to_end(run, {}, observer);
  return observer.course();
}

void print_course(const TrainingRun& run, const Course& course) {
  const std::size_t vocab_size = run.tokenizer().vocab_size();
  const LossPicture picture{.title = "",
                            .mean = LossMean::document,
                            .training = {},
                            .validation = course.held_out,
                            .vocab_size = vocab_size,
                            .ngram = {},
                            .steps = course.losses};
  print(training_curve(picture, output_width()).str());
  print(fmt::format("  {} steps took {:.2f} s: {} tokens a second.\n", run.trainer().num_steps(), course.seconds,
                    short_count(static_cast<double>(run.trained_positions()) / course.seconds)));
  print(
      fmt::format("  On the {} names of the validation, none of which it was trained on, the\n"
                  "  loss was {:.3f} before and is {:.3f} now (mean over names; over tokens {:.3f}).\n"
                  "  That is {:.2f} bits a token, where random guessing needs {:.2f}.\n",
                  run.validation()->size(), course.before.document_mean, course.after.document_mean, course.after.token_mean,
                  nats_to_bits(course.after.token_mean), nats_to_bits(uniform_loss(vocab_size))));
}

// What stands behind a sample: whether the data has it, and on which side.
std::string_view mark_of(const TrainingRun& run, const std::set<std::string_view>& data, const std::string& name) {
  if (!data.contains(name)) return "";
  return part_of(name, run.options().seed, run.options().held_out) == CorpusPart::training ? "*" : "+";
}

void print_samples(TrainingRun& run, const Corpus& corpus) {
  std::set<std::string_view> data;
  for (std::size_t i = 0; i < corpus.size(); ++i) data.insert(corpus[i]);
  std::size_t i = 0;
  sample_documents(run.engine(), run.tokenizer().bos(), kSamples, {.temperature = kTemperature, .seed = run.options().seed},
                   [&](std::span<const Token> tokens, double) {
                     std::string name = run.tokenizer().decode(tokens);
                     name += mark_of(run, data, name);
                     print(i++ % kSamplesPerRow == 0 ? "  " : "");
                     print(i % kSamplesPerRow == 0 ? name + "\n" : fmt::format("{:<18}", name));
                   });
  print("  * is a name that it was trained on, + one of the names held out\n");
}

// The steps go round all that is trained on, several times.
std::string_view describe_part(const TrainingRun& run, std::string_view name) {
  switch (part_of(name, run.options().seed, run.options().held_out)) {
    case CorpusPart::training:
      return "was trained on";
    case CorpusPart::validation:
      return "was not trained on: it is held out for validation";
    case CorpusPart::test:
      return "was not trained on: it is held out for the test";
  }
  return "";
}

void run_demo() {
  const Style style = style_for(stdout);
  const Interruption interruption;
  TrainSettings options;
  options.eval_every = options.training.num_steps / kHeldOutPoints;
  const Corpus corpus = embedded_names();
  TrainingRun run(corpus, options, {.resources = {.target = target_from_environment()}});
  inform_of_slow_machine();
  print_heading(style, "A GPT learns to make up names");
  describe_run(run, corpus);

  print_heading(style, "Before training");
  print(describe(check_initial_loss(run.engine(), run.first_documents(kInitialLossDocuments)), "  "));
  flush_output();

  const Course course = train(run, interruption);
  print_heading(style, "Training");
  print_course(run, course);

  print_heading(style, fmt::format("{} names made up (temperature {})", kSamples, kTemperature));
  print_samples(run, corpus);

  print_heading(
      style, fmt::format("The loss of \"{}\" laid open, a name that {}", kExplainedName, describe_part(run, kExplainedName)));
  const Explanation explanation = explain(run.engine(), run.tokenizer(), kExplainedName);
  print(explanation_table(explanation, run.tokenizer(), style, output_width()));
  print(explanation_summary(explanation) + gradient_note(explanation, run.tokenizer()));
  print(
      "\n  Next: \"train\" does this with your own documents, \"loss\" says what a loss\n"
      "  means, \"reference\" is microgpt.py, bit for bit.\n");
}

}  // namespace

void describe_demo(Command& command) {
  command.add_example("microgpt demo", "Show all of it in the terminal");
  command.add_example("microgpt demo > demo.txt", "Write it to a file, without colours");
  command.add_example("NO_COLOR=1 microgpt demo", "Show it without colours");
  command.run = run_demo;
}

}  // namespace microgpt
