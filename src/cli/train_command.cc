// microgpt train: trains a model on documents, tells how well it predicts documents that it has not seen, and saves it.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/interruption.h"
#include "cli/step_loop.h"
#include "cli/target.h"
#include "cli/terminal.h"
#include "cli/train_report.h"
#include "inference/sampler.h"
#include "io/file.h"
#include "model/activation_names.h"
#include "training/evaluation.h"
#include "training/initial_loss.h"
#include "training/training_run.h"

namespace microgpt {
namespace {

constexpr Range kBatchSize{1, 1'000'000};
constexpr std::size_t kUsualEvaluations = 10;

struct Options {
  std::optional<std::string> corpus;
  std::optional<std::string> folder;
  TrainingRunOptions run;
  std::optional<std::size_t> eval_every;  // 0: at the start and the end only
  std::size_t log_every = 0;              // 0: with the evaluations only
  std::size_t num_samples = 10;
  double temperature = 0.5;
  bool overwrite = false;
  bool quiet = false;
};

void require_place_for_model(const Options& options) {
  if (options.overwrite && !options.folder) throw UsageError("--overwrite: nothing is written without -o DIR");
  if (!options.folder) return;
  if (*options.folder == "-") throw UsageError("-o -: name a folder; a model is several files");
  if (!options.overwrite && holds_model(*options.folder))
    throw Error(
        fmt::format("{} holds a model already; name another folder, or replace the model with --overwrite", *options.folder));
  require_writable_folder(*options.folder);
}

// One run of the command, from the first line to the last.
class TrainCommand {
 public:
  TrainCommand(const Options& options, const Corpus& corpus)
      : options_(options), run_(corpus, options.run), loop_(run_, interruption_, "training", !options.quiet) {}

  void train() {
    try {
      report(initial_training_loss());
      const std::size_t num_steps = run_.trainer().num_steps();
      while (run_.trainer().step() < num_steps) {
        const double loss = loop_.train_until(next_line());
        report(loss);
      }
    } catch (const Interrupted&) {
      loop_.wipe_bar();
      save();
      throw;
    }
    loop_.wipe_bar();
    save();
  }

  void print_summary() {
    print("\n" + summary(run_));
    if (run_.trainer().step() == 0) return;
    const auto tokens = static_cast<double>(run_.trained_positions());
    message(fmt::format("{} steps in {:.2f} s, {} tokens a second (evaluation is not counted)", run_.trainer().step(),
                        loop_.seconds(), short_count(tokens / loop_.seconds())));
  }

  // Those that `sample` makes with the same seed and temperature.
  void print_samples() {
    if (options_.num_samples == 0) return;
    print(fmt::format("\nsamples (temperature {})\n", options_.temperature));
    const Tokenizer& tokenizer = run_.tokenizer();
    sample_documents(run_.engine(), tokenizer.bos(), options_.num_samples,
                     {.temperature = options_.temperature, .seed = options_.run.seed}, [&](std::span<const Token> tokens) {
                       print(tokenizer.decode(tokens) + "\n");
                       interruption_.check();
                     });
  }

  void describe(const Corpus& corpus) {
    if (!options_.quiet) inform_of_slow_machine();
    if (const auto [cut, documents] = run_.cut_documents(); cut > 0)
      message(fmt::format("{} of {} documents have more positions than the context of {}; training and the losses cut them",
                          cut, documents, run_.config().block_size));
    if (options_.run.seconds)
      message(fmt::format("--seconds {}: as long as --num-steps {}", *options_.run.seconds, run_.trainer().num_steps()));
    print(describe_run(run_, corpus) + "\n");
  }

 private:
  double initial_training_loss() {
    const InitialLoss loss = check_initial_loss(run_.engine(), run_.first_documents(kInitialLossDocuments));
    if (!options_.quiet) inform_lines(microgpt::describe(loss));
    return loss.document_mean;
  }

  // Where the next line is due.
  std::size_t next_line() const {
    const std::size_t step = run_.trainer().step();
    std::size_t next = run_.trainer().num_steps();
    for (const std::size_t every : {eval_every(), options_.log_every})
      if (every > 0) next = std::min(next, (step / every + 1) * every);
    return next;
  }

  std::size_t eval_every() const {
    return options_.eval_every.value_or(std::max<std::size_t>(1, run_.trainer().num_steps() / kUsualEvaluations));
  }

  bool evaluation_is_due() const {
    const std::size_t step = run_.trainer().step();
    return step == 0 || step == run_.trainer().num_steps() || (eval_every() > 0 && step % eval_every() == 0);
  }

  void report(double training_loss) {
    std::optional<MeanLoss> validation;
    const bool evaluates = evaluation_is_due();
    if (evaluates && run_.validation()) validation = evaluate(run_.engine(), *run_.validation()).loss;
    loop_.wipe_bar();
    print(step_line(run_, training_loss, validation));
    if (evaluates) flush_output();  // for who looks at a file or a pipe
    interruption_.check();
  }

  void save() {
    if (!options_.folder) return;
    save_model(*options_.folder, run_.model());
    message(fmt::format("the model of step {} is in {}; microgpt sample {} makes more documents", run_.trainer().step(),
                        *options_.folder, *options_.folder));
  }

  void message(const std::string& text) const {
    if (!options_.quiet) inform(text);
  }

  const Options& options_;
  Interruption interruption_;
  TrainingRun run_;
  StepLoop loop_;
};

void run_train(Options options) {
  options.run.fast.target = target_from_environment();
  require_place_for_model(options);
  const Corpus corpus = options.corpus ? read_corpus(*options.corpus) : embedded_names();
  TrainCommand command(options, corpus);
  command.describe(corpus);
  command.train();
  command.print_summary();
  command.print_samples();
}

// A function that sets a member of the options, which live as long as the command.
template <typename T>
auto into(T& member) {
  return [&member](auto value) { member = value; };
}

void add_length_flags(CLI::App& command, Options& options) {
  TrainingRunOptions& run = options.run;
  CLI::Option* steps = add_integer(command, "--num-steps", kStepCount, into(run.training.num_steps),
                                   fmt::format("Training steps [{}]", run.training.num_steps));
  add_positive_real(command, "--seconds", into(run.seconds), "As many steps as take about so long; the number is printed")
      ->excludes(steps);
  add_integer(command, "--batch-size", kBatchSize, into(run.batch_size), fmt::format("Documents a step [{}]", run.batch_size));
}

void add_model_flags(CLI::App& command, Options& options) {
  TrainingRunOptions& run = options.run;
  add_integer(command, "--n-layer", Config::kNLayer, into(run.n_layer), fmt::format("Layers [{}]", run.n_layer));
  add_integer(command, "--n-embd", Config::kNEmbd, into(run.n_embd),
              fmt::format("Width, a multiple of --n-head [{}]", run.n_embd));
  add_integer(command, "--n-head", Config::kNHead, into(run.n_head), fmt::format("Attention heads [{}]", run.n_head));
  add_integer(command, "--block-size", Config::kBlockSize, into(run.block_size),
              fmt::format("Longest context [{}]", run.block_size));
  add_choice(command, "--activation", kActivationNames, run.activation, "Of the hidden layer");
}

void add_optimizer_flags(CLI::App& command, Options& options) {
  TrainingOptions& training = options.run.training;
  add_positive_real(command, "--learning-rate", into(training.learning_rate),
                    fmt::format("Of Adam, at its highest [{}]", training.learning_rate));
  add_choice(command, "--schedule", kScheduleNames, training.schedule, "How the rate falls");
  add_integer(command, "--warmup", kStepCount, into(training.warmup),
              fmt::format("Steps over which the rate rises at first [{}]", training.warmup));
  add_real(command, "--beta1", {0.0, 1.0}, into(training.adam.beta1),
           fmt::format("Of Adam: decay of the mean gradient [{}]", training.adam.beta1));
  add_real(command, "--beta2", {0.0, 1.0}, into(training.adam.beta2),
           fmt::format("Of Adam: decay of its mean square [{}]", training.adam.beta2));
  add_real(command, "--weight-decay", {0.0}, into(training.adam.weight_decay),
           fmt::format("What parameters lose of themselves a step, times the rate [{}]", training.adam.weight_decay));
  add_real(command, "--dropout", {0.0, 1.0}, into(training.dropout),
           fmt::format("The share of values that a step of training drops [{}]", training.dropout));
  add_positive_real(command, "--clip", into(training.clip), "The largest norm that a gradient may have [none]");
}

void add_run_flags(CLI::App& command, Options& options) {
  TrainingRunOptions& run = options.run;
  add_integer(command, "--seed", kAnySeed, into(run.seed),
              fmt::format("Of the split, the epochs, the first parameters and the samples [{}]", run.seed));
  add_real(command, "--held-out", {0.0, 0.5}, into(run.held_out),
           fmt::format("The share of documents for validation, and again for the test; 0 is none [{}]", run.held_out));
  add_choice(command, "--engine", kEngineNames, run.engine, "What computes");
  command.add_flag_callback(
      "--no-prefix-sharing", [&run] { run.fast.prefix_sharing = PrefixSharing::never; },
      "Compute beginnings that documents share for each of them");
}

void add_report_flags(CLI::App& command, Options& options) {
  add_integer(command, "--eval-every", kStepCount, into(options.eval_every),
              "Steps between validation losses; 0 is none in between [a tenth of the steps]");
  add_integer(command, "--log-every", kStepCount, into(options.log_every),
              "Steps between training losses; 0 is with the others only [0]");
  add_integer(command, "--num-samples", kSampleCount, into(options.num_samples),
              fmt::format("New documents at the end [{}]", options.num_samples));
  add_real(command, "--temperature", {0.0}, into(options.temperature),
           fmt::format("Of the samples; 0 always takes the likeliest [{}]", options.temperature));
  command.add_flag("--quiet", options.quiet, "Results only: no progress and no messages");
}

}  // namespace

void add_train_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("train", "Train a model on documents, one a line, and save it");
  const auto options = std::make_shared<Options>();
  command->add_option("CORPUS", options->corpus, "Documents, one a line; - is standard input [the embedded names]")
      ->type_name("");
  command->add_option("-o,--output", options->folder, "The folder to save the model in")->type_name("DIR");
  command->add_flag("--overwrite", options->overwrite, "Replace the model in that folder");
  add_length_flags(*command, *options);
  add_model_flags(*command, *options);
  add_optimizer_flags(*command, *options);
  add_run_flags(*command, *options);
  add_report_flags(*command, *options);
  command->callback([=] { run_train(*options); });
}

}  // namespace microgpt
