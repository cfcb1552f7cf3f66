// SPDX-License-Identifier: MIT
// microgpt train: trains a model on documents, tells how well it predicts documents that it has not seen, and saves it.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "cli/arguments.h"
#include "cli/commands/commands.h"
#include "cli/corpus_argument.h"
#include "cli/init_argument.h"
#include "cli/layout_flags.h"
#include "cli/mpirun.h"
#include "cli/samples.h"
#include "cli/settings_flags.h"
#include "cli/terminal.h"
#include "cli/train_session.h"
#include "inference/calibration.h"
#include "inference/classifier_file.h"
#include "io/file.h"
#include "microgpt/error.h"
#include "model/saved_model.h"
#include "report/markdown.h"
#include "report/numbers.h"
#include "sweep/sweep_folder.h"
#include "text/corpus_checks.h"
#include "text/pattern.h"
#include "training/default_settings.h"
#include "training/longer_run.h"
#include "training/more_characters.h"
#include "training/run_folder.h"
#include "training/settings.h"
#include "training/train_state.h"
#include "training/training_run.h"

namespace microgpt {
namespace {

constexpr std::size_t kDefaultSamples = 10;
constexpr std::size_t kTextSamples = 2;  // which are long

struct TrainCommandOptions {
  std::string command_line;
  std::optional<std::string> corpus;
  std::optional<std::string> folder;
  std::optional<std::string> resumed;  // the folder of a run to go on with
  std::optional<std::string> init;     // the folder of a model to begin with
  CorpusFormat format;
  LayoutFlags layout;
  CorpusDivision division;  // without hashes
  TrainSettings run;
  RunInputs inputs;
  TrainSessionOptions session;
  double deadline = kDefaultDeadline;
  std::optional<std::size_t> num_samples;
  bool has_split = false;  // --split says what documents are
  bool overwrite = false;
  IsGiven is_given;  // by a flag; nothing where a preset says what all settings are

  // The flags that were declared, as what was given matters: those of a run, which a resumed one has already, and of these
  // those that say how long it is.
  std::vector<const Flag*> run_flags;
  std::vector<const Flag*> length_flags;
  const Flag* num_steps = nullptr;
};

void require_flags_that_go_together(const TrainCommandOptions& options) {
  if (options.overwrite && !options.folder) throw UsageError("--overwrite: nothing is written without -o DIR");
  if (options.folder == "-") throw UsageError("-o -: name a folder; a model is several files");
  if (options.session.schedule.save_every && !options.folder && !options.resumed)
    throw UsageError("--save-every: nothing is saved without -o DIR");
  if (!options.resumed) return;
  std::vector<const Flag*> flags = options.run_flags;
  std::erase(flags, options.num_steps);
  if (const Flag* flag = first_given(flags))
    throw UsageError(fmt::format("{} does not go with --resume: the run goes on as it was begun", flag->name()));
}

void require_free(const std::string& folder) {
  if (holds_run(folder))
    throw Error(
        fmt::format("{0} holds a model already: go on with its run by --resume {0}, replace it with --overwrite, or "
                    "name another folder",
                    folder));
  require_no_model(folder);
}

// train-pair or train-classes, where one of them did; of before version 0.3 a pair has no file of its own.
std::string command_that_made(const std::string& folder) {
  if (holds_run(folder)) return "";
  if (holds_classifier(folder)) return command_of(load_classifier(folder));
  return holds_run(path_in(folder, kPositive)) ? "train-pair" : "";
}

const char* made_by(const std::string& command) { return command == "train-pair" ? "pair" : "classifier"; }

// The folder to begin a run in, or nothing.
std::unique_ptr<RunFolder> folder_for_run(const TrainCommandOptions& options) {
  if (!options.folder) return nullptr;
  if (const std::string command = command_that_made(*options.folder); !command.empty())
    throw Error(fmt::format("{} holds a {}: name another folder", *options.folder, made_by(command)));
  auto folder = std::make_unique<RunFolder>(*options.folder, RunFolder::Purpose::begin);
  if (!options.overwrite) require_free(*options.folder);
  return folder;
}

void finish(TrainSession& session, const TrainCommandOptions& options, CorpusKind kind) {
  session.train();
  session.print_summary();
  session.print_samples(options.num_samples.value_or(kind == CorpusKind::text ? kTextSamples : kDefaultSamples));
  session.say_where_the_model_is();
}

void require_engine_of_ranks(const TrainSettings& run, const ComputeResources& resources) {
  if (resources.ranks != nullptr && run.engine != EngineKind::fast)
    throw UsageError("only the engine fast is computed by several ranks: start the run without mpirun");
}

// Throws UsageError where the pattern finds nothing anywhere.
void inform_of_groups(const Corpus& corpus, bool quiet) {
  if (corpus.group().empty()) return;
  const Pattern pattern(corpus.group(), corpus.encoding());
  std::unordered_set<std::string_view> groups;
  std::size_t alone = 0;
  for (std::size_t d = 0; d < corpus.own_size(); ++d) {
    if (const auto group = pattern.find(corpus[d]))
      groups.insert(*group);
    else
      ++alone;
  }
  if (groups.empty())
    throw UsageError(fmt::format("--group {}: finds nothing in any document of {}", corpus.group(), corpus.name()));
  if (quiet) return;
  const std::string rest = alone == 0 ? "" : fmt::format("; {} in which it finds nothing, each on its own", alone);
  inform(
      fmt::format("--group: {} of {}{}", plural(groups.size(), "group"), plural(corpus.own_size() - alone, "document"), rest));
}

void inform_of_what_is_left_out(const Corpus& corpus, const TrainSettings& run) {
  const bool is_tail = corpus.kind() == CorpusKind::tail;
  if (corpus.kind() == CorpusKind::text || (!is_tail && corpus.own_size() == corpus.size())) return;
  try {
    const Split split = split_corpus(corpus, run.seed, run.held_out);
    if (split.left_out > 0)
      inform(fmt::format("{} of {} {} held out by --validation or --test, too: {} left out of training",
                         plural(split.left_out, "document"), corpus.name(), split.left_out == 1 ? "is" : "are",
                         split.left_out == 1 ? "it is" : "they are"));
    const std::size_t used = split.training.size() + split.validation.size() + split.test.size() + split.left_out;
    if (is_tail && used < corpus.size())
      inform(fmt::format("--split tail: {} of the last lines stand before them already, and are not held out again",
                         corpus.size() - used));
  } catch (const EmptyPart&) {
    return;  // which is said later, with the remedy
  }
}

LoadedCorpus load_divided(const TrainCommandOptions& options) {
  LoadedCorpus corpus = divided(load_corpus(options.corpus, options.format), options.division);
  if (!options.session.quiet && !options.has_split && looks_like_prose(corpus.corpus))
    inform(fmt::format("the lines of {} look like those of a running text: --split text trains on it as one",
                       corpus.corpus.name()));
  inform_of_groups(corpus.corpus, options.session.quiet);
  if (!options.session.quiet && options.run.held_out > 0.0) inform_of_what_is_left_out(corpus.corpus, options.run);
  return corpus;
}

// What belongs together of what says what is held out.
void require_division(const TrainCommandOptions& options) {
  const CorpusDivision& division = options.division;
  const bool has_files = division.validation || division.test;
  for (const auto& file : {division.validation, division.test})
    if (file && file->path == "-")
      throw UsageError("--validation and --test are files; standard input can be the corpus alone");
  if (division.validation && division.test && options.run.held_out == 0.0)
    throw UsageError("--held-out 0 does not go with --validation and --test; leave --held-out out");
  if (has_files && options.run.held_out == 0.0)
    throw UsageError(
        "--held-out 0 does not go with --validation and --test: where one of them is not given, a share of the corpus "
        "stands for it; leave --held-out out");
  if (division.group.empty()) return;
  if (options.format.kind == CorpusKind::text) throw UsageError("--group: a running text has no documents to group");
  if (options.format.kind == CorpusKind::tail)
    throw UsageError("--group does not go with --split tail, which goes by the place alone");
  try {
    Pattern(division.group, options.format.encoding);
  } catch (const Error& error) {
    throw UsageError(fmt::format("--group {}: {}", division.group, error.what()));
  }
}

// The model that --init names learns the corpus's characters, too.
void add_characters(const Corpus& corpus, TrainCommandOptions& options) {
  const InitialModel& model = *options.inputs.init;
  const TrainSettings& run = options.run;
  InitialModel more = with_characters_of(corpus, model,
                                         {.n_layer = run.n_layer,
                                          .n_embd = run.n_embd,
                                          .n_head = run.n_head,
                                          .block_size = run.block_size,
                                          .activation = run.activation},
                                         run.seed);
  const std::size_t added = more.tokenizer.vocab_size() - model.tokenizer.vocab_size();
  if (added > 0 && !options.session.quiet)
    inform(fmt::format("--init {}: {} new to that model", *options.init,
                       added == 1 ? "1 character is" : fmt::format("{} characters are", added)));
  if (added > 0) options.inputs.init = std::make_shared<const InitialModel>(std::move(more));
}

// Where the initial model has been trained on documents that this run holds out.
void count_and_inform_of_known_documents(ModelSource& init, const LoadedCorpus& corpus, const TrainSettings& run, bool quiet) {
  const auto known = count_documents_of_init(init.path, corpus, run);
  if (known) init.known_in_test = known->known_in_test;
  if (quiet) return;
  if (known && known->known_in_test + known->known_in_validation > 0)
    inform(
        fmt::format("--init {}: that model was trained on {} of the {} documents of the test, and {} of the {} of validation",
                    init.path, known->known_in_test, known->test, known->known_in_validation, known->validation));
  else if (!known && may_know_held_out(init.path, corpus.source, run))
    inform(fmt::format(
        "--init {}: that model was trained on this corpus with another split, and may know what is held out here", init.path));
}

void begin_training(TrainCommandOptions& options) {
  require_engine_of_ranks(options.run, options.inputs.resources);
  require_division(options);
  if (first_given(options.length_flags) == nullptr) set_default_patience(options.run);
  std::optional<ModelSource> init;
  if (options.init)
    init = take_initial_model(*options.init, options.run_flags, options.format, options.run, options.inputs,
                              options.session.quiet);
  const std::unique_ptr<RunFolder> folder = folder_for_run(options);
  const LoadedCorpus corpus = load_divided(options);
  if (!options.session.quiet) inform_of_invalid_bytes(corpus);
  if (init) add_characters(corpus.corpus, options);
  if (init) count_and_inform_of_known_documents(*init, corpus, options.run, options.session.quiet);
  options.inputs.with_baseline = true;
  const CorpusToSplit split{&corpus.corpus, options.run.seed};
  with_all_parts({&split, 1}, NothingHeldOut::possible, [&] {
    if (options.is_given)
      fit(training_size(corpus.corpus, options.run, options.inputs.init.get()), options.is_given, options.run, {},
          options.inputs.has_parameters());
    const TrainState state{corpus.source, options.run, init, options.command_line};
    TrainSession session(options.session, corpus, state, options.inputs, folder.get());
    session.begin();
    finish(session, options, corpus.corpus.kind());
  });
}

void go_on_for_longer(const TrainCommandOptions& options, const RunInputs& inputs, RunFolder& folder, TrainState& state) {
  const Config config = config_of(state.options, state.corpus.format.kind, inputs.init->tokenizer.vocab_size(), inputs);
  const std::size_t num_steps = options.run.training.num_steps;
  if (make_longer(folder, state, config, num_steps, options.command_line) && !options.session.quiet)
    inform(fmt::format("the patience of the run in {} had run out; it counts anew", folder.path()));
}

// What another command made is gone on with by that command.
void require_run(const std::string& folder) {
  if (!holds_run(folder) && holds_sweep(folder))
    throw Error(fmt::format("{0} holds a sweep, and no run of its own: go on with it by microgpt sweep --resume {0}", folder));
  if (const std::string command = command_that_made(folder); !command.empty())
    throw Error(fmt::format("{0} holds a {1}, and no run of its own: go on with it by microgpt {2} --resume {0}", folder,
                            made_by(command), command));
}

// Where a file of the run is now.
void update_path(const char* flag, const std::optional<FileSource>& given, std::optional<FileSource>& run_file) {
  if (!given) return;
  if (!run_file)
    throw UsageError(fmt::format("{} {}: the run that goes on was begun without; leave it out", flag, given->path));
  run_file->path = given->path;
}

void resume_training(const TrainCommandOptions& options) {
  require_run(*options.resumed);
  RunFolder folder(*options.resumed, RunFolder::Purpose::resume);
  TrainState state = folder.read_state();
  RunInputs inputs = options.inputs;
  require_engine_of_ranks(state.options, inputs.resources);
  inputs.init = std::make_shared<const InitialModel>(InitialModel{load_tokenizer(folder.path()), {}});  // its vocabulary
  update_path("--validation", options.division.validation, state.corpus.division.validation);
  update_path("--test", options.division.test, state.corpus.division.test);
  const LoadedCorpus corpus = load_corpus_again("train", state.corpus, options.corpus, *options.resumed);
  if (!options.session.quiet) inform_of_invalid_bytes(corpus);
  const bool has_moved = update_source(corpus, state.corpus) || options.division.validation || options.division.test;
  if (options.num_steps->is_given) go_on_for_longer(options, inputs, folder, state);
  if (has_moved) folder.write_state(state);
  TrainSession session(options.session, corpus, state, inputs, &folder);
  if (session.resume()) finish(session, options, corpus.corpus.kind());
}

void run_train(TrainCommandOptions options) {
  const auto ranks = join_ranks(options.deadline);
  if (ranks && ranks->rank() != 0) return join_training(*ranks, options.inputs.resources.threads);
  std::optional<DataParallel> data_parallel;
  if (ranks) options.inputs.resources.ranks = &data_parallel.emplace(*ranks);
  options.inputs.resources.target = target_from_environment();
  require_flags_that_go_together(options);
  if (options.resumed)
    resume_training(options);
  else
    begin_training(options);
}

// The files of a run that goes on may have moved, so that these two go with --resume.
void add_division_flags(Command& command, TrainCommandOptions& options) {
  const auto file = [](std::optional<FileSource>& source) {
    return [&source](std::string path) { source = FileSource{std::move(path), ""}; };
  };
  command.add_text("--validation", "FILE", file(options.division.validation),
                   "Validate on this file, in place of a fraction of CORPUS");
  command.add_text("--test", "FILE", file(options.division.test), "Test on this file, in place of a fraction of CORPUS");
  options.run_flags.push_back(&command
                                   .add_text("--group", "REGEX", into(options.division.group),
                                             "Put documents into the same part (training, validation or test) if REGEX, or its "
                                             "first ( ) group, matches the same text in them")
                                   .rare());
}

// The preset comes first, as flags are heard in the order in which they are declared: all others change what it says.
void add_run_flags(Command& command, TrainCommandOptions& options) {
  command.group("Training");
  options.length_flags.push_back(&add_choice_function(
      command, "--preset", kPresetNames, [&options](Preset preset) { apply(preset, options.run); },
      "Named settings, which other flags override"));
  visit_length(options.run, FlagsOfSettings(command, options.length_flags));
  options.num_steps = &command.flag("--num-steps");
  options.length_flags.push_back(&add_real(command, "--seconds", RealRange::above(0.0), into(options.run.seconds),
                                           "Train for about X seconds; prints the number of steps")
                                      .exclude(*options.num_steps));
  options.run_flags = options.length_flags;
  FlagsOfSettings flags(command, options.run_flags);
  visit_corpus_settings(options.format, flags);
  options.run_flags.push_back(&command
                                   .add_switch("--fold-case", into(options.format.fold_case),
                                               "Make no difference between upper and lower case, in training and later")
                                   .in(kDataGroup)
                                   .rare());
  for (const Flag* const flag : add_layout_flags(command, options.layout)) options.run_flags.push_back(flag);
  command.group("Data");
  add_division_flags(command, options);
  visit_model_settings(options.run, flags);
  visit_optimizer_settings(options.run, flags);
  visit_run_settings(options.run, flags);
  command.group("Training");
  options.run_flags.push_back(
      &command.add_text("--init", "MODEL", into(options.init), "Start from the parameters of this saved model"));
}

void add_machine_flags(Command& command, TrainCommandOptions& options) {
  add_integer(command, "--threads", kThreads, options.inputs.resources.threads,
              "Threads of the fast engine; the result is the same with any number; 0 uses all cores")
      .in("General");
  add_deadline(command, options.deadline);
}

void add_report_flags(Command& command, TrainCommandOptions& options) {
  command.group("Output");
  add_integer(command, "--save-every", kStepCount, into(options.session.schedule.save_every),
              "Steps between checkpoints; 0 saves at the end only [with each validation]")
      .rare();
  add_integer(command, "--log-every", kStepCount, options.session.schedule.log_every,
              "Steps between training losses; 0 prints them with the validation losses only")
      .rare();
  add_integer(command, "--num-samples", kSampleCount, into(options.num_samples),
              with_default("Number of samples to print at the end",
                           fmt::format("{}, or {} with --split text", kDefaultSamples, kTextSamples)));
  add_real(command, "--temperature", {0.0}, options.session.samples.temperature,
           "Temperature of the samples; 0 always takes the likeliest token");
  add_max_length(command, options.session.samples.max_length);
  command.add_switch("--curve", into(options.session.curve), "Plot the losses at the end, even if the output is not a terminal")
      .rare();
  command.add_switch("--quiet", into(options.session.quiet), "Print results only: no progress and no messages");
}

}  // namespace

void describe_train(Command& command) {
  const auto options = std::make_shared<TrainCommandOptions>();
  options->command_line = shell_line(command.words);
  command.add_argument("CORPUS", into(options->corpus), "Documents, one per line; - reads standard input [the embedded names]");
  command.group("Output");
  Flag& output = command.add_text(
      "-o,--output", "DIR", into(options->folder),
      "Folder to save the model in: the parameters of the lowest validation loss; without it nothing is saved");
  command.add_switch("--overwrite", into(options->overwrite), "Replace the model in that folder");
  command
      .add_text("--resume", "DIR", into(options->resumed),
                "Resume the run in this folder where it stopped; --num-steps N makes it N steps in all")
      .exclude(output);
  add_run_flags(command, *options);
  add_machine_flags(command, *options);
  add_report_flags(command, *options);
  describe_fitted_settings(command);
  command.add_example("microgpt train names.txt -o model", "Train on the lines of a file, and save the model");
  command.add_example("microgpt train book.txt --split text --num-steps 200 -o book", "Train 200 steps on one long text");
  command.add_example("microgpt train --resume book --num-steps 300", "Train the same model for 100 steps more");
  command.run = [options, &command] {
    const auto layout = layout_of(options->layout, options->format.encoding);
    if (layout) options->format.layout = *layout;
    options->has_split = layout || command.flag("--split").is_given;
    if (!command.flag("--preset").is_given) options->is_given = given_flags(command);
    run_train(*options);
  };
}

}  // namespace microgpt
