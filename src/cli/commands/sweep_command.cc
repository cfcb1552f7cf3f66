// SPDX-License-Identifier: MIT
// microgpt sweep: trains many configurations at once, each by one thread, and puts them in the order of their losses on
// documents held out.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/arguments.h"
#include "cli/commands/commands.h"
#include "cli/corpus_argument.h"
#include "cli/interruption.h"
#include "cli/mpirun.h"
#include "cli/settings_flags.h"
#include "cli/sweep_arguments.h"
#include "cli/sweep_queue.h"
#include "cli/terminal.h"
#include "io/file.h"
#include "io/json.h"
#include "parallel/cores.h"
#include "report/markdown.h"
#include "report/numbers.h"
#include "report/sweep/sweep_svg.h"
#include "report/sweep/sweep_table.h"
#include "sweep/sweep.h"
#include "sweep/sweep_coordinator.h"
#include "sweep/sweep_folder.h"
#include "text/corpus_checks.h"
#include "training/default_settings.h"
#include "training/setting_values.h"
#include "training/settings.h"

namespace microgpt {
namespace {

constexpr std::size_t kMaxGridFileSize = std::size_t{1} << 20;

struct SweepCommandOptions {
  std::string command_line;
  std::optional<std::string> first_file;  // GRID.json, or where there is no second one perhaps CORPUS
  std::optional<std::string> second_file;
  std::optional<std::string> folder;
  std::optional<std::string> resumed;
  RunSettings base;
  Grid flags;  // the settings that are given as flags
  std::size_t threads = 0;
  double deadline = kDefaultDeadline;
  bool overwrite = false;
  bool quiet = false;
  std::vector<const Flag*> sweep_flags;   // of a sweep, which a resumed one has already
  std::vector<const Flag*> length_flags;  // of these those that say how long a training is
  const Flag* preset = nullptr;
};

struct Files {
  std::optional<std::string> grid;
  std::optional<std::string> corpus;
};

Files files_of(const SweepCommandOptions& options) {
  if (options.second_file && options.second_file->ends_with(".json") && !options.first_file->ends_with(".json"))
    throw UsageError(
        fmt::format("sweep: the grid comes first, and then the corpus: {} {}", *options.second_file, *options.first_file));
  const bool is_grid = options.second_file || (options.first_file && options.first_file->ends_with(".json"));
  return is_grid ? Files{options.first_file, options.second_file} : Files{std::nullopt, options.first_file};
}

std::vector<Grid> grids_of(const SweepCommandOptions& options, const std::optional<std::string>& file) {
  if (!file && options.flags.empty())
    throw UsageError("sweep: there is nothing to compare; give settings lists of values, as in --n-embd 16,32, or a GRID.json");
  if (!file) return {options.flags};
  std::vector<Grid> grids = grids_from_json(*file, parse_json(*file, read_file(*file, kMaxGridFileSize), "correct it"));
  for (Grid& grid : grids)
    for (const Axis& axis : options.flags) {
      if (std::any_of(grid.begin(), grid.end(), [&](const Axis& other) { return other.name == axis.name; }))
        throw UsageError(fmt::format("{}: {} has {} too; name it in one place", flag_of(axis.name), *file, axis.name));
      add_axis(grid, axis);
    }
  return grids;
}

bool has_axis(const std::vector<Grid>& grids, std::string_view name) {
  const auto is_it = [&](const Axis& axis) { return axis.name == name; };
  return std::any_of(grids.begin(), grids.end(),
                     [&](const Grid& grid) { return std::any_of(grid.begin(), grid.end(), is_it); });
}

// Whether no grid leaves it to the base.
bool all_have_axis(const std::vector<Grid>& grids, std::string_view name) {
  return std::all_of(grids.begin(), grids.end(), [&](const Grid& grid) { return has_axis({grid}, name); });
}

// All configurations. What is wrong with them is wrong with the file of the grid, or where there is none with the flags.
std::vector<RunSettings> expand(const RunSettings& base, const std::vector<Grid>& grids,
                                const std::optional<std::string>& file) {
  try {
    return all_configurations(base, grids);
  } catch (const Error& error) {
    if (!file) throw UsageError(error.what());
    throw Error(fmt::format("{}: {}", *file, error.what()));
  }
}

class SweepCommand {
 public:
  // `coordinator` is null where this process is the only one.
  SweepCommand(const SweepCommandOptions& options, const LoadedCorpus& corpus, std::vector<RunSettings> configurations,
               SweepCoordinator* coordinator)
      : options_(options),
        corpus_(corpus),
        trainer_(corpus.corpus, std::move(configurations), target_from_environment()),
        coordinator_(coordinator) {}

  // To be refused before a folder is made.
  void require_memory() {
    trainer_.require_memory(threads_for(trainer_.configurations().size()),
                            coordinator_ == nullptr ? 1 : coordinator_->on_same_machine());
  }

  // Trains what is not finished, and reports on all.
  void run(SweepFolder& folder, std::vector<NumberedResult> finished) {
    const Interruption interruption;  // before the first line, as whoever reads it may answer with a signal
    SweepQueue queue(trainer_, folder, std::move(finished), interruption, options_.quiet);
    std::set<std::size_t> contexts;
    for (const RunSettings& settings : trainer_.configurations()) contexts.insert(settings.options.block_size);
    for (const std::size_t context : contexts)
      if (const LongDocuments documents = count_long_documents(corpus_.corpus, context); documents.longer > 0)
        message(microgpt::describe(documents));
    print(describe_sweep(corpus_.corpus, trainer_.configurations()) + "\n");
    flush_output();
    train(folder, queue);
    report(folder, queue.results());
  }

 private:
  void train(const SweepFolder& folder, SweepQueue& queue) {
    if (queue.left() == 0) return message(fmt::format("the sweep in {} is finished", folder.path()));
    try {
      train(queue);
    } catch (const Interrupted&) {
      queue.wipe_bar();
      message(fmt::format("{}; microgpt sweep --resume {} goes on from there", describe_kept(queue), folder.path()));
      throw;
    } catch (const RankLost& lost) {
      throw Error(fmt::format("{}; {}, go on with --resume {}", lost.what(), describe_kept(queue), folder.path()));
    }
    queue.wipe_bar();
  }

  std::size_t threads_for(std::size_t configurations) const {
    const std::size_t processes = coordinator_ == nullptr ? 1 : coordinator_->on_same_cores();
    return std::min(options_.threads == 0 ? default_threads(processes) : options_.threads, configurations);
  }

  void train(SweepQueue& queue) {
    const std::size_t threads = threads_for(queue.left());
    if (coordinator_ == nullptr) return run_sweep(trainer_, queue, threads);
    const std::size_t others = coordinator_->begin(corpus_.corpus, trainer_);
    message(fmt::format("{}, {} in all", plural(coordinator_->size(), "rank"), plural(others + threads, "thread")));
    coordinator_->run(trainer_, queue, threads);
  }

  std::string describe_kept(const SweepQueue& queue) const {
    return fmt::format("{} of {} are finished and kept", queue.results().size(),
                       plural(trainer_.configurations().size(), "configuration"));
  }

  void report(const SweepFolder& folder, const std::vector<NumberedResult>& results) {
    const SweepReport report = make_sweep_report(trainer_.configurations(), results);
    folder.write_table(sweep_csv(report));
    folder.write_picture(sweep_svg(
        fmt::format("{}: {}", last_part(corpus_.corpus.name()), plural(trainer_.configurations().size(), "configuration")),
        report));
    print("loss on documents held out, nats (token mean)\n" +
          sweep_table(report, is_terminal(stdout) ? output_width() : std::string::npos));
    if (const std::string seeds = seed_table(report); !seeds.empty()) print("\nmeans over seeds\n" + seeds);
    const SweepRow* const chosen = chosen_row(report);
    if (chosen == nullptr)
      throw Error(fmt::format(
          "all trainings failed: {}/results.csv says how; where training has diverged, a lower --learning-rate helps",
          folder.path()));
    print("\n" + describe_choice(report));
    message(fmt::format("{0}/results.csv and {0}/sweep.svg have the seconds too", folder.path()));
    message(fmt::format("the model of configuration {}: {}", chosen->number,
                        train_call(corpus_, trainer_.configurations()[chosen->number - 1])));
  }

  void message(const std::string& text) const {
    if (!options_.quiet) inform(text);
  }

  const SweepCommandOptions& options_;
  const LoadedCorpus& corpus_;
  SweepTrainer trainer_;
  SweepCoordinator* coordinator_;
};

std::vector<CorpusToSplit> splits_of(const Corpus& corpus, const std::vector<RunSettings>& configurations) {
  std::vector<CorpusToSplit> splits;
  for (const RunSettings& settings : configurations) splits.push_back({&corpus, settings.options.seed});
  return splits;
}

// Of the training part of whichever split has the most.
TrainingSize largest_size(const Corpus& corpus, const std::vector<RunSettings>& configurations) {
  std::set<std::pair<std::uint64_t, double>> splits;
  std::optional<TrainingSize> largest;
  for (const RunSettings& settings : configurations) {
    if (!splits.emplace(settings.options.seed, settings.options.held_out).second) continue;
    const TrainingSize size = training_size(corpus, settings.options);
    largest = largest ? largest->or_larger(size) : size;
  }
  return *largest;
}

// What all configurations fit the documents with: what they have in common, and where they differ in the engine or in the
// number of steps, on which other settings depend, what suits all of them.
RunSettings common_to(const std::vector<RunSettings>& configurations, RunSettings base) {
  for (const std::string& name : setting_names()) {
    const SettingValue value = setting_value(configurations.front(), name);
    const auto has_it = [&](const RunSettings& settings) { return setting_value(settings, name) == value; };
    if (std::all_of(configurations.begin(), configurations.end(), has_it)) set_setting(base, name, value);
  }
  for (const RunSettings& settings : configurations) {
    const TrainSettings& options = settings.options;
    base.options.training.num_steps = std::min(base.options.training.num_steps, options.training.num_steps);
    if (options.engine != EngineKind::fast) base.options.engine = options.engine;
  }
  return base;
}

void begin_sweep(const SweepCommandOptions& options, SweepCoordinator* coordinator) {
  const Files files = files_of(options);
  const std::vector<Grid> grids = grids_of(options, files.grid);
  RunSettings base = options.base;
  std::vector<RunSettings> configurations = expand(base, grids, files.grid);
  const LoadedCorpus corpus = load_corpus(files.corpus, configurations.front().format);
  if (!options.quiet) inform_of_invalid_bytes(corpus);
  std::optional<SweepCommand> command;
  with_all_parts(splits_of(corpus.corpus, configurations), NothingHeldOut::impossible, [&] {
    if (!options.preset->is_given) {
      const auto is_given = [&grids](std::string_view setting) { return all_have_axis(grids, setting); };
      base = common_to(configurations, base);
      fit(largest_size(corpus.corpus, configurations), is_given, base.options);
      if (first_given(options.length_flags) == nullptr && !has_axis(grids, "num_steps") && !has_axis(grids, "teacher_part"))
        set_default_patience(base.options);  // as in `train`
      configurations = expand(base, grids, files.grid);
    }
    command.emplace(options, corpus, configurations, coordinator).require_memory();
  });
  SweepFolder folder(*options.folder, SweepFolder::Purpose::begin);
  if (!options.overwrite && holds_sweep(folder.path()))
    throw Error(fmt::format(
        "{0} holds a sweep already: go on with it by --resume {0}, replace it with --overwrite, or name another folder",
        folder.path()));
  if (const auto path = file_in_the_way(folder.path()); path && !options.overwrite)
    throw Error(fmt::format("{} is there already: replace it with --overwrite, or name another folder", *path));
  const SweepPlan plan{{corpus.source, base.options, std::nullopt, options.command_line}, grids};
  folder.begin(plan);
  command->run(folder, {});
}

void resume_sweep(const SweepCommandOptions& options, SweepCoordinator* coordinator) {
  SweepFolder folder(*options.resumed, SweepFolder::Purpose::resume);
  const SweepPlan plan = folder.read_plan();
  const LoadedCorpus corpus = load_corpus_again("sweep", plan.base.corpus, options.first_file, folder.path());
  if (!options.quiet) inform_of_invalid_bytes(corpus);
  const std::vector<RunSettings> configurations =
      expand({plan.base.corpus.format, plan.base.options}, plan.grids, folder.path());
  SweepCommand command(options, corpus, configurations, coordinator);
  std::vector<NumberedResult> finished = folder.read_results(configurations.size());
  if (finished.size() < configurations.size()) command.require_memory();
  command.run(folder, std::move(finished));
}

void require_flags_that_go_together(const SweepCommandOptions& options) {
  if (!options.folder && !options.resumed)
    throw UsageError("sweep: name a folder for the results with -o DIR, or one to go on in with --resume DIR");
  if (options.folder == "-") throw UsageError("-o -: name a folder; a sweep is several files");
  if (options.overwrite && !options.folder) throw UsageError("--overwrite: nothing is written without -o DIR");
  if (!options.resumed) return;
  if (options.second_file)
    throw UsageError(fmt::format("{} does not go with --resume: the sweep goes on as it was begun", *options.first_file));
  if (const Flag* flag = first_given(options.sweep_flags))
    throw UsageError(fmt::format("{} does not go with --resume: the sweep goes on as it was begun", flag->name()));
}

void run_sweep_command(const SweepCommandOptions& options) {
  const auto ranks = join_ranks(options.deadline);
  if (ranks && ranks->rank() != 0) return join_sweep(*ranks, options.threads);
  std::optional<SweepCoordinator> own_coordinator;
  SweepCoordinator* const coordinator = ranks ? &own_coordinator.emplace(*ranks) : nullptr;
  require_flags_that_go_together(options);
  if (!options.quiet) inform_of_slow_machine();
  if (options.resumed)
    resume_sweep(options, coordinator);
  else
    begin_sweep(options, coordinator);
}

// The preset comes first, as in `train`.
void add_sweep_flags(Command& command, SweepCommandOptions& options) {
  command.group("Training");
  options.length_flags.push_back(&add_choice_function(
      command, "--preset", kPresetNames, [&options](Preset preset) { apply(preset, options.base.options); },
      "Named settings, which other flags and the grid override"));
  options.preset = options.length_flags.back();
  visit_length(options.base.options, FlagsOfLists(command, options.flags, options.length_flags));
  options.sweep_flags = options.length_flags;
  FlagsOfLists flags(command, options.flags, options.sweep_flags);
  visit_corpus_settings(options.base.format, flags);
  visit_model_settings(options.base.options, flags);
  visit_optimizer_settings(options.base.options, flags);
  visit_run_settings(options.base.options, flags);
  describe_fitted_settings(command);
}

}  // namespace

void describe_sweep(Command& command) {
  const auto options = std::make_shared<SweepCommandOptions>();
  options->command_line = shell_line(command.words);
  command.add_argument("GRID", into(options->first_file),
                       "A file NAME.json of settings with lists of values; flags may replace it");
  command.add_argument("CORPUS", into(options->second_file),
                       "Documents, one per line; - reads standard input [the embedded names]");
  command.group("Output");
  Flag& output = command.add_text("-o,--output", "DIR", into(options->folder), "Folder for the results");
  command.add_switch("--overwrite", into(options->overwrite), "Replace the sweep in that folder");
  command.add_text("--resume", "DIR", into(options->resumed), "Resume the sweep in this folder where it stopped")
      .exclude(output);
  add_sweep_flags(command, *options);
  add_integer(command, "--threads", kThreads, options->threads, "Trainings at a time, one thread each; 0 uses all cores")
      .in("General");
  add_deadline(command, options->deadline);
  command.group("Output");
  command.add_switch("--quiet", into(options->quiet), "Print results only: no progress and no messages");
  command.add_example("microgpt sweep names.txt --n-embd 16,32 --dropout 0,0.1 -o widths", "Compare four configurations");
  command.add_example("microgpt sweep grid.json names.txt -o grid", "Compare those of a file: {\"n_layer\": [1, 2]}");
  command.add_example("microgpt sweep --resume widths", "Go on after an interruption");
  command.run = [=] { run_sweep_command(*options); };
}

}  // namespace microgpt
