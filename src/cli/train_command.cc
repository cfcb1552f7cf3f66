// microgpt train: trains a model on documents, tells how well it predicts documents that it has not seen, and saves it.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/corpus_argument.h"
#include "cli/evaluation_bar.h"
#include "cli/init_argument.h"
#include "cli/interruption.h"
#include "cli/mpirun.h"
#include "cli/run_records.h"
#include "cli/samples.h"
#include "cli/settings_flags.h"
#include "cli/step_loop.h"
#include "cli/target.h"
#include "cli/terminal.h"
#include "cli/train_report.h"
#include "io/file.h"
#include "report/markdown.h"
#include "report/plural.h"
#include "training/initial_loss.h"
#include "training/presets.h"
#include "training/run_folder.h"
#include "training/settings.h"
#include "training/training_run.h"

namespace microgpt {
namespace {

struct Options {
  std::string command_line;
  std::optional<std::string> corpus;
  std::optional<std::string> folder;
  std::optional<std::string> resumed;  // the folder of a run to go on with
  std::optional<std::string> init;     // the folder of a model to begin with
  CorpusFormat format;
  TrainingRunOptions run;
  std::optional<std::size_t> save_every;  // nothing: with each validation; 0: at the end only
  std::size_t log_every = 0;              // 0: with the validations only
  SampleSettings samples;
  double deadline = kUsualDeadline;
  bool overwrite = false;
  bool quiet = false;
  bool curve = false;

  // The flags that were declared, as what was given matters: those of a run, which a resumed one has already, and of these
  // those that say how long it is.
  std::vector<const CLI::Option*> run_flags;
  std::vector<const CLI::Option*> length_flags;
};

const CLI::Option* first_given(const std::vector<const CLI::Option*>& flags) {
  const auto found = std::find_if(flags.begin(), flags.end(), [](const CLI::Option* flag) { return flag->count() > 0; });
  return found == flags.end() ? nullptr : *found;
}

void require_flags_that_go_together(const Options& options) {
  if (options.overwrite && !options.folder) throw UsageError("--overwrite: nothing is written without -o DIR");
  if (options.folder == "-") throw UsageError("-o -: name a folder; a model is several files");
  if (options.save_every && !options.folder && !options.resumed)
    throw UsageError("--save-every: nothing is saved without -o DIR");
  if (!options.resumed) return;
  if (const CLI::Option* flag = first_given(options.run_flags))
    throw UsageError(fmt::format("{} does not go with --resume: the run goes on as it was begun", flag->get_name()));
}

// The folder to begin a run in, or nothing.
std::unique_ptr<RunFolder> place_for_run(const Options& options) {
  if (!options.folder) return nullptr;
  auto folder = std::make_unique<RunFolder>(*options.folder, RunFolder::Purpose::begin);
  if (!options.overwrite && holds_model(*options.folder))
    throw Error(
        fmt::format("{} holds a model already: go on with its run by --resume {}, replace it with --overwrite, or name "
                    "another folder",
                    *options.folder, *options.folder));
  return folder;
}

// One run of the command, from the first line to the last.
class TrainCommand {
 public:
  // `folder` may be null: then nothing is saved.
  TrainCommand(const Options& options, const LoadedCorpus& corpus, const TrainState& state, RunFolder* folder)
      : options_(options),
        corpus_(corpus),
        state_(state),
        folder_(folder),
        run_(corpus.corpus, state.options),
        records_(run_, corpus.corpus, folder),
        loop_(run_, interruption_, "training", !options.quiet) {}

  void begin() {
    describe();
    state_.options = run_.options();
    if (folder_ != nullptr) folder_->begin(state_, run_.config(), run_.tokenizer(), *run_.baseline(), run_.checkpoint());
    records_.begin();
  }

  // Whether there is anything left to do: steps, or the report of a run that was stopped before it had one.
  bool resume() {
    restore();
    saved_ = run_.progress();
    if (run_.is_finished()) message(fmt::format("the run in {} is finished: {}", folder_->path(), describe_end()));
    if (run_.is_finished() && folder_->has_records(run_.options().mix_ngram)) return false;
    records_.resume();
    describe();
    return true;
  }

  void train() {
    try {
      if (run_.trainer().step() == 0) records_.take_loss(initial_training_loss());
      if (run_.trainer().step() == 0 || run_.validation_is_due()) report();
      while (!run_.is_finished()) {
        if (run_.teacher_is_done()) begin_after_teacher();
        loop_.train_until(next_stop(), [this](std::size_t step, double loss) { records_.take_step(step, loss); });
        if (line_is_due()) report();
        if (save_is_due()) save();
        interruption_.check();
      }
      loop_.wipe_bar();
      save();
      complete_folder();
    } catch (const Interrupted&) {
      loop_.wipe_bar();
      save();
      records_.draw_picture();
      if (folder_ != nullptr)
        message(fmt::format("step {} is saved; microgpt train --resume {} goes on from there", run_.trainer().step(),
                            folder_->path()));
      throw;
    } catch (const RankLost& lost) {
      loop_.wipe_bar();
      throw Error(fmt::format("{}; {}", lost.what(), describe_saved()));
    }
    if (folder_ != nullptr)
      message(fmt::format("the model is in {}; microgpt sample {} makes more documents", folder_->path(), folder_->path()));
  }

  void print_summary() {
    if (!is_plain_end()) print(describe_end() + "\n");
    if (options_.curve || (is_terminal(stdout) && !options_.quiet)) print_curve();
    print("\n" + summary(records_.losses()));
    if (loop_.seconds() == 0.0) return;
    const auto tokens = static_cast<double>(run_.trained_positions());
    message(fmt::format("{} steps in {:.2f} s, {} tokens a second (evaluation is not counted)", loop_.steps(), loop_.seconds(),
                        short_count(tokens / loop_.seconds())));
  }

  // Those that `sample` makes with the same seed and temperature.
  void print_samples() {
    SampleSettings samples = options_.samples;
    if (samples.count == 0) return;
    samples.kind = run_.kind();
    samples.seed = run_.options().seed;
    print(fmt::format("\nsamples (temperature {})\n", samples.temperature));
    Engine* const engine = &run_.engine();
    microgpt::print_samples({&engine, 1}, run_.tokenizer(), samples, interruption_);
  }

 private:
  void restore() {
    const Checkpoint checkpoint = folder_->read_checkpoint(run_.config());
    try {
      run_.restore(checkpoint, watch_teacher());
    } catch (const Error& error) {
      throw Error(fmt::format("{}: {}", folder_->path(), error.what()));
    }
  }

  std::string describe_saved() const {
    if (folder_ == nullptr) return "nothing is saved, begin the run again";
    return fmt::format("step {} is saved, go on with --resume {}", saved_ ? saved_->step : 0, folder_->path());
  }

  // What a run leaves when it has ended; no step follows. A kill before that is made good when it is resumed.
  void complete_folder() {
    run_.take_model();
    records_.losses([this](const std::string& part, const TokenizedDocuments& documents) {
      return show_evaluation("evaluating " + part, documents.all_positions(), interruption_, !options_.quiet);
    });
    records_.draw_picture();
    records_.write_mixture();
    if (!records_.write_card(state_)) message(fmt::format("{} is no model card, and stays as it is", folder_->card_path()));
  }

  void print_curve() {
    const std::string curve = records_.curve(output_width());
    if (!curve.empty()) print("\n" + curve);
  }

  void describe() {
    if (!options_.quiet) inform_of_slow_machine();
    if (const auto [cut, documents] = run_.cut_documents(); cut > 0)
      message(fmt::format(
          "{} of {} documents have more positions than the context of {}; training cuts them, the losses count them whole", cut,
          documents, run_.config().block_size));
    if (run_.options().seconds)
      message(fmt::format("--seconds {}: as long as --num-steps {}", *run_.options().seconds, run_.trainer().num_steps()));
    if (const Crew* crew = run_.options().crew)
      message(fmt::format("{}, {} in all", plural(crew->size(), "rank"), plural(crew->threads(), "thread")));
    print(describe_run(run_, corpus_.corpus, state_.init) + "\n");
    if (run_.trainer().step() > 0 && !run_.is_finished()) print(fmt::format("going on after step {}\n", run_.trainer().step()));
  }

  // All steps are done, and the model is that of the last.
  bool is_plain_end() const {
    const Progress progress = run_.progress();
    return progress.step == run_.trainer().num_steps() && progress.best_step.value_or(progress.step) == progress.step;
  }

  // Which step's parameters the model has, and why.
  std::string describe_end() const {
    const Progress progress = run_.progress();
    std::string text = fmt::format("{} of {} steps", progress.step, run_.trainer().num_steps());
    if (progress.step < run_.trainer().num_steps())
      text += fmt::format(", as the last {} validation losses were no better", progress.evaluations_since_best);
    if (progress.best_step && *progress.best_step != progress.step)
      text += fmt::format("; the model is {} of step {}, whose validation loss was the lowest",
                          progress.teacher_step == progress.best_step ? "the teacher" : "that", *progress.best_step);
    return text;
  }

  double initial_training_loss() {
    const InitialLoss loss = check_initial_loss(run_.engine(), run_.first_documents(kInitialLossDocuments), loss_mean());
    if (!options_.quiet) inform_lines(state_.init ? describe_trained(loss) : microgpt::describe(loss));
    return loss.mean;
  }

  // Where the next line or checkpoint is due.
  std::size_t next_stop() const {
    const std::size_t step = run_.trainer().step();
    std::size_t next = run_.trainer().num_steps();
    if (step < teacher_steps()) next = teacher_steps();
    for (const std::size_t every : {eval_every(), save_every(), options_.log_every})
      if (every > 0) next = std::min(next, (step / every + 1) * every);
    return next;
  }

  void begin_after_teacher() {
    loop_.wipe_bar();
    print("the teacher is done; the model begins anew and learns from its predictions, too\n");
    flush_output();
    run_.begin_after_teacher(watch_teacher());
  }

  EvaluationWatch watch_teacher() const {
    const std::size_t positions = SoftTargets::positions(run_.config(), run_.training());
    return show_evaluation("the teacher predicts", positions, interruption_, !options_.quiet);
  }

  std::size_t teacher_steps() const { return run_.options().training.teacher_steps(); }
  LossMean loss_mean() const { return run_.options().training.loss_mean; }
  std::size_t eval_every() const { return *run_.options().eval_every; }
  std::size_t save_every() const { return folder_ == nullptr ? 0 : options_.save_every.value_or(eval_every()); }

  bool line_is_due() const {
    const std::size_t step = run_.trainer().step();
    const auto is_multiple = [&](std::size_t every) { return every > 0 && step % every == 0; };
    return step == 0 || step == run_.trainer().num_steps() || step == teacher_steps() || is_multiple(eval_every()) ||
           is_multiple(options_.log_every);
  }

  bool save_is_due() const {
    const std::size_t step = run_.trainer().step();
    return save_every() > 0 && (step % save_every() == 0 || step == teacher_steps());
  }

  void report() {
    std::optional<MeanLoss> validation;
    if (run_.validation_is_due())
      validation =
          run_.validate(show_evaluation("validating", run_.validation()->all_positions(), interruption_, !options_.quiet));
    loop_.wipe_bar();
    print(step_line(run_, records_.log(validation, loop_.seconds()), validation));
    flush_output();  // for who looks at a file or a pipe
  }

  void save() {
    if (folder_ == nullptr || saved_ == run_.progress()) return;
    folder_->save(run_.config(), run_.checkpoint());
    saved_ = run_.progress();
  }

  void message(const std::string& text) const {
    if (!options_.quiet) inform(text);
  }

  const Options& options_;
  const LoadedCorpus& corpus_;
  TrainState state_;
  RunFolder* folder_;
  Interruption interruption_;
  TrainingRun run_;
  RunRecords records_;
  StepLoop loop_;
  std::optional<Progress> saved_;
};

void finish(TrainCommand& command) {
  command.train();
  command.print_summary();
  command.print_samples();
}

void require_engine_of_ranks(const TrainingRunOptions& run) {
  if (run.crew != nullptr && run.engine != EngineKind::fast)
    throw UsageError("only the engine fast is computed by several ranks: start the run without mpirun");
}

void begin_training(Options& options) {
  require_engine_of_ranks(options.run);
  if (first_given(options.length_flags) == nullptr && !options.run.patience && options.run.training.teacher_part == 0.0)
    options.run.patience = kUsualPatience;
  std::optional<ModelSource> init;
  if (options.init) init = take_initial_model(*options.init, options.run_flags, options.format, options.run);
  const std::unique_ptr<RunFolder> folder = place_for_run(options);
  const LoadedCorpus corpus = load_corpus(options.corpus, options.format);
  if (init && !options.quiet && may_know_held_out(init->path, corpus.source, options.run))
    inform(fmt::format(
        "--init {}: that model was trained on this corpus with another split, and may know what is held out here", init->path));
  options.run.with_baseline = true;
  TrainCommand command(options, corpus, {corpus.source, options.run, init, options.command_line}, folder.get());
  command.begin();
  finish(command);
}

void resume_training(const Options& options) {
  RunFolder folder(*options.resumed, RunFolder::Purpose::resume);
  TrainState state = folder.read_state();
  state.options.target = options.run.target;
  state.options.threads = options.run.threads;
  state.options.crew = options.run.crew;
  require_engine_of_ranks(state.options);
  state.options.init = std::make_shared<const InitialModel>(InitialModel{load_tokenizer(folder.path()), {}});  // its vocabulary
  const LoadedCorpus corpus = load_corpus_again("train", state.corpus, options.corpus, *options.resumed);
  TrainCommand command(options, corpus, state, &folder);
  if (command.resume()) finish(command);
}

void run_train(Options options) {
  const auto ranks = join_ranks(options.deadline);
  if (ranks && ranks->rank() != 0) return serve_training(*ranks, options.run.threads);
  std::optional<Crew> crew;
  if (ranks) options.run.crew = &crew.emplace(*ranks);
  options.run.target = target_from_environment();
  require_flags_that_go_together(options);
  if (options.resumed)
    resume_training(options);
  else
    begin_training(options);
}

// The preset comes first, as flags are heard in the order in which they are declared: all others change what it says.
void add_run_flags(CLI::App& command, Options& options) {
  options.length_flags.push_back(add_choice_function(
      command, "--preset", kPresetNames, [&options](Preset preset) { apply(preset, options.run); },
      "Settings by name, which other flags may change"));
  visit_length(options.run, FlagsOfSettings(command, options.length_flags));
  CLI::Option* steps = command.get_option("--num-steps");
  options.length_flags.push_back(add_real(command, "--seconds", RealRange::above(0.0), into(options.run.seconds),
                                          "As many steps as take about so long; the number is printed")
                                     ->excludes(steps));
  options.run_flags = options.length_flags;
  FlagsOfSettings flags(command, options.run_flags);
  visit_corpus_settings(options.format, flags);
  visit_model_settings(options.run, flags);
  visit_optimizer_settings(options.run, flags);
  visit_run_settings(options.run, flags);
  options.run_flags.push_back(
      command.add_option("--init", options.init, "Begin with the parameters of this saved model")->type_name("MODEL"));
}

void add_machine_flags(CLI::App& command, Options& options) {
  add_integer(command, "--threads", kThreads, into(options.run.threads),
              "Of the fast engine, whose results are the same with any number; 0 is as many as there are cores [0]");
  add_deadline(command, options.deadline);
}

void add_report_flags(CLI::App& command, Options& options) {
  add_integer(command, "--save-every", kStepCount, into(options.save_every),
              "Steps between checkpoints; 0 is at the end only [with each validation]");
  add_integer(command, "--log-every", kStepCount, into(options.log_every),
              "Steps between training losses; 0 is with the others only [0]");
  add_integer(command, "--num-samples", kSampleCount, into(options.samples.count),
              fmt::format("New documents at the end [{}]", options.samples.count));
  add_real(command, "--temperature", {0.0}, into(options.samples.temperature),
           fmt::format("Of the samples; 0 always takes the likeliest [{}]", options.samples.temperature));
  add_max_length(command, options.samples.max_length);
  command.add_flag("--curve", options.curve, "Draw the losses at the end, even where the output is no terminal");
  command.add_flag("--quiet", options.quiet, "Results only: no progress and no messages");
}

}  // namespace

void add_train_command(CLI::App& app, const std::vector<std::string>& command_line) {
  CLI::App* command = app.add_subcommand("train", "Train a model on documents, one a line, and save it");
  const auto options = std::make_shared<Options>();
  options->command_line = shell_line(command_line);
  command->add_option("CORPUS", options->corpus, "Documents, one a line; - is standard input [the embedded names]")
      ->type_name("");
  command->add_option("-o,--output", options->folder, "The folder to save the model in")->type_name("DIR");
  command->add_flag("--overwrite", options->overwrite, "Replace the model in that folder");
  command->add_option("--resume", options->resumed, "Go on with the run of this folder where it stopped")
      ->type_name("DIR")
      ->excludes("--output");
  add_run_flags(*command, *options);
  add_machine_flags(*command, *options);
  add_report_flags(*command, *options);
  command->callback([=] { run_train(*options); });
}

}  // namespace microgpt
