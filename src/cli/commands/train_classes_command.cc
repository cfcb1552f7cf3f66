// SPDX-License-Identifier: MIT
// microgpt train-classes and train-pair: a model for each class of documents, which tell them apart together.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "cli/arguments.h"
#include "cli/class_training.h"
#include "cli/commands/commands.h"
#include "cli/corpus_argument.h"
#include "cli/settings_flags.h"
#include "cli/terminal.h"
#include "inference/calibration.h"
#include "inference/classifier_file.h"
#include "io/file.h"
#include "io/folders.h"
#include "io/json.h"
#include "microgpt/error.h"
#include "model/saved_model.h"
#include "parallel/at_once.h"
#include "report/markdown.h"
#include "text/labels.h"
#include "training/default_settings.h"
#include "training/run_folder.h"
#include "training/settings.h"

namespace microgpt {
namespace {

// What does not depend on the documents (training/default_settings.h).
constexpr std::array<std::pair<const char*, const char*>, 3> kShownOfClasses{
    {{"--n-layer", "2"}, {"--n-embd", "32"}, {"--weight-decay", "0.1"}}};
constexpr std::size_t kMaxClasses = 256;  // each line is scored by a model of each

struct ClassesOptions {
  std::string command;             // train-pair or train-classes
  std::vector<std::string> files;  // of a pair the positive one and the negative one; nothing where it is resumed without
  std::optional<std::string> output;
  std::optional<std::string> resumed;  // the folder of a classifier to go on with
  std::string folder;                  // whichever of the two is given
  std::string command_line;
  CorpusFormat format;
  TrainSettings run = class_defaults();
  ComputeResources resources;
  IsGiven is_given;  // by a flag
  bool overwrite = false;
  bool quiet = false;
  std::vector<const Flag*> run_flags;  // which a resumed classifier has already

  bool is_pair() const { return command == "train-pair"; }
  std::string what() const { return is_pair() ? "pair" : "classifier"; }
};

// A class and the documents of it.
struct LoadedClass {
  std::string name;
  LoadedCorpus corpus;
};

void require_flags_that_go_together(const ClassesOptions& options) {
  if (std::count(options.files.begin(), options.files.end(), "-") > 1)
    throw UsageError(fmt::format("-: only one of the {} can be standard input", options.is_pair() ? "two" : "files"));
  if (options.resumed) {
    if (const Flag* flag = first_given(options.run_flags))
      throw UsageError(
          fmt::format("{} does not go with --resume: the {} goes on as it was begun", flag->name(), options.what()));
    if (options.overwrite) throw UsageError("--overwrite: nothing is replaced without -o DIR");
    return;
  }
  if (!options.output)
    throw UsageError(
        fmt::format("{}: name a folder for the models with -o DIR, or one to go on in with --resume DIR", options.command));
  if (options.output == "-") throw UsageError("-o -: name a folder; a model is several files");
  if (options.is_pair() && options.files.size() < 2)
    throw UsageError(
        fmt::format("{} is required (see microgpt train-pair --help)", options.files.empty() ? "POSITIVE" : "NEGATIVE"));
  if (options.files.empty()) throw UsageError("FILES are required (see microgpt train-classes --help)");
}

void require_free_folder(const ClassesOptions& options, const std::vector<std::string>& folders) {
  const std::string& path = options.folder;
  if (holds_run(path)) throw Error(fmt::format("{} holds a run, which is no {}: name another folder", path, options.what()));
  if (options.overwrite) return;
  const bool holds_classes =
      std::any_of(folders.begin(), folders.end(), [](const std::string& each) { return holds_run(each); });
  if (holds_classes || holds_classifier(path))
    throw Error(
        fmt::format("{0} holds a {1} already: go on with it by --resume {0}, replace it with --overwrite, or name another "
                    "folder",
                    path, options.what()));
  for (const std::string& folder : folders) require_no_model(folder);
  std::vector<std::string> others{linear_path(path)};
  if (options.is_pair()) others.push_back(path_in(path, "roc.svg"));
  for (const std::string& other : others)
    if (std::filesystem::exists(other))
      throw Error(fmt::format("{} is there already: replace it with --overwrite, or name another folder", other));
}

// A file is named as its class is: mail/spam.txt is of the class spam.
std::string class_of_file(const std::string& path) {
  if (path == "-")
    throw UsageError("-: standard input has no name for its class; name a file, or give one file of labelled lines");
  std::string name = std::filesystem::path(path).stem().string();
  require_class_name(path, name);
  return name;
}

std::vector<LoadedClass> corpora_of_labelled_file(const ClassesOptions& options) {
  const std::string& path = options.files.front();
  const std::string text = read_corpus_bytes(path, CorpusKind::lines);
  const std::vector<std::string> labels = labels_of(name_of_input(path), text);
  if (labels.size() > kMaxClasses)
    throw Error(fmt::format("{}: {} classes, and {} are the most that are told apart", name_of_input(path), labels.size(),
                            kMaxClasses));
  std::vector<LoadedClass> corpora;
  for (const std::string& label : labels) corpora.push_back({label, corpus_of_bytes(path, text, options.format, label)});
  if (corpora.size() < 2)
    throw Error(fmt::format("{}: all lines are of the class {}, and it takes two classes or more", name_of_input(path),
                            corpora.empty() ? "" : quote(corpora.front().name)));
  return corpora;
}

std::vector<LoadedClass> load_corpora(const ClassesOptions& options) {
  if (options.is_pair())
    return {{std::string(kPositive), load_corpus(options.files[0], options.format)},
            {std::string(kNegative), load_corpus(options.files[1], options.format)}};
  if (options.files.size() == 1) return corpora_of_labelled_file(options);
  std::vector<LoadedClass> corpora;
  std::map<std::string, std::string> seen;
  for (const std::string& file : options.files) {
    const std::string name = class_of_file(file);
    if (const auto [other, is_new] = seen.emplace(name, file); !is_new)
      throw UsageError(fmt::format("{} and {} are both of the class {}: the name of a file is that of its class", other->second,
                                   file, quote(name)));
    corpora.push_back({name, load_corpus(file, options.format)});
  }
  return corpora;
}

// Different ones that stand in more than one file.
std::size_t count_shared(const std::vector<LoadedClass>& corpora) {
  std::unordered_map<std::string_view, std::size_t> first_in;
  std::unordered_set<std::string_view> shared;
  for (std::size_t c = 0; c < corpora.size(); ++c)
    for (std::size_t d = 0; d < corpora[c].corpus.corpus.size(); ++d) {
      const std::string_view document = corpora[c].corpus.corpus[d];
      if (first_in.emplace(document, c).first->second != c) shared.insert(document);
    }
  return shared.size();
}

void inform_of_shared(const std::vector<LoadedClass>& corpora) {
  const bool are_labelled = !corpora.front().corpus.source.label.empty();
  const std::size_t count = count_shared(corpora);
  if (count == 0) return;
  inform(fmt::format("{} in {}; nothing tells which kind they are",
                     count == 1 ? "1 document is" : fmt::format("{} documents are", count),
                     corpora.size() == 2 && !are_labelled ? "both files" : "more than one class"));
}

void inform_of_invalid_bytes(const ClassesOptions& options, const std::vector<LoadedClass>& corpora) {
  if (options.quiet) return;
  for (const LoadedClass& each : corpora) microgpt::inform_of_invalid_bytes(each.corpus);
}

// With a baseline where none was saved.
RunInputs inputs_of_classes(const ClassesOptions& options, Tokenizer vocabulary, std::size_t threads, bool with_baseline) {
  return {.resources = {.target = options.resources.target, .threads = threads},
          .init = std::make_shared<const InitialModel>(InitialModel{std::move(vocabulary), {}}),
          .with_baseline = with_baseline};
}

Tokenizer vocabulary_of(const std::vector<LoadedClass>& corpora) {
  Tokenizer all(corpora.front().corpus.corpus);
  for (const LoadedClass& each : corpora) all = Tokenizer::merge(all, Tokenizer(each.corpus.corpus));
  return all;
}

std::vector<TrainSettings> fitted_runs(const ClassesOptions& options, const std::vector<LoadedClass>& corpora) {
  std::vector<TrainingSize> sizes;
  for (const LoadedClass& each : corpora) sizes.push_back(training_size(each.corpus.corpus, options.run));
  return settings_of_classes(std::move(sizes), options.is_given, options.run);
}

ClassTrainingOptions training_options(const ClassesOptions& options) {
  return {options.command, options.folder, options.is_pair(), options.quiet};
}

void finish(ClassTraining& training) {
  training.train();
  training.finish();
}

void begin_all(const ClassesOptions& options, const std::vector<LoadedClass>& corpora) {
  const std::vector<TrainSettings> runs = fitted_runs(options, corpora);
  const Concurrency concurrency = concurrency_for(corpora.size(), options.resources.threads);
  const Tokenizer vocabulary = vocabulary_of(corpora);
  NewFolder folder(options.folder);  // until all have begun
  std::vector<ClassShare> shares;
  for (std::size_t c = 0; c < corpora.size(); ++c) {
    const std::string path = path_in(options.folder, folder_of_class(corpora[c].name));
    auto class_folder = std::make_unique<RunFolder>(path, RunFolder::Purpose::begin);
    TrainState state{corpora[c].corpus.source, runs[c], std::nullopt, options.command_line};
    shares.push_back({corpora[c].name, &corpora[c].corpus, std::move(state),
                      inputs_of_classes(options, vocabulary, concurrency.threads, true), std::move(class_folder)});
  }
  ClassTraining training(training_options(options), std::move(shares), concurrency.at_once);
  training.begin();  // now that all can be trained
  folder.keep();
  finish(training);
}

void begin_classes(const ClassesOptions& options) {
  if (options.is_pair()) require_free_folder(options, {path_in(options.folder, kPositive), path_in(options.folder, kNegative)});
  const std::vector<LoadedClass> corpora = load_corpora(options);
  std::vector<std::string> folders;
  for (const LoadedClass& each : corpora) folders.push_back(path_in(options.folder, folder_of_class(each.name)));
  require_free_folder(options, folders);
  inform_of_invalid_bytes(options, corpora);
  if (!options.quiet) inform_of_shared(corpora);
  std::vector<CorpusToSplit> splits;
  for (const LoadedClass& each : corpora) splits.push_back({&each.corpus.corpus, options.run.seed});
  with_all_parts(splits, NothingHeldOut::possible, [&] { begin_all(options, corpora); });
}

// Of before version 0.3 a pair has no file of its own.
std::vector<ClassOfFile> classes_in(const ClassesOptions& options) {
  if (holds_classifier(options.folder)) {
    const ClassifierFile file = load_classifier(options.folder);
    if (command_of(file) != options.command)
      throw Error(
          fmt::format("{0} was made by {1}: go on with it by microgpt {1} --resume {0}", options.folder, command_of(file)));
    return file.classes;
  }
  if (!options.is_pair() || !holds_run(path_in(options.folder, kPositive)))
    throw Error(fmt::format("{} holds no {}: begin one with microgpt {} -o", options.folder, options.what(), options.command));
  return {{std::string(kPositive), std::string(kPositive)}, {std::string(kNegative), std::string(kNegative)}};
}

// Lest one has been trained on what another one holds out.
void require_one_classifier(const ClassesOptions& options, const ClassShare& first, const ClassShare& second) {
  const auto what_is_common = [](const ClassShare& share) {
    const Tokenizer& tokenizer = share.inputs.init->tokenizer;
    return std::tuple(tokenizer.encoding(), tokenizer.characters(), share.state.options.seed, share.state.options.held_out);
  };
  const auto is_of_lines = [](const TrainState& state) { return state.corpus.format.kind == CorpusKind::lines; };
  if (!is_of_lines(first.state) || !is_of_lines(second.state) || what_is_common(first) != what_is_common(second))
    throw Error(
        fmt::format("{} and {} are no {}: they have other characters, or hold out other documents; train one with microgpt "
                    "{} -o",
                    first.folder->path(), second.folder->path(), options.what(), options.command));
}

// Of one file with labels, or of a file for each class.
std::optional<std::string> given_file(const ClassesOptions& options, const TrainState& state, std::size_t c) {
  if (options.files.empty()) return std::nullopt;
  if (!state.corpus.label.empty()) return options.files.front();
  return c < options.files.size() ? std::optional(options.files[c]) : std::nullopt;
}

// `input` is what came from standard input, which can be read once.
LoadedCorpus load_class_corpus_again(const ClassesOptions& options, const ClassShare& share, std::size_t c,
                                     const std::optional<std::string>& input) {
  const std::optional<std::string> given = given_file(options, share.state, c);
  if (share.state.corpus.path == "-" && !given)
    throw UsageError(fmt::format(
        "--resume {0}: the corpus of {1} came from standard input; give the files again, as in {2} --resume {0} FILES, with - "
        "for it",
        options.folder, share.folder->path(), options.command));
  const bool is_input = given == "-" || (!given && share.state.corpus.path == "-");
  return load_corpus_again(options.command, share.state.corpus, given, share.folder->path(), is_input ? input : std::nullopt);
}

void resume_classes(const ClassesOptions& options) {
  if (holds_run(options.folder))
    throw Error(fmt::format("{0} holds a run, and no {1}: go on with it by microgpt train --resume {0}", options.folder,
                            options.what()));
  const std::vector<ClassOfFile> classes = classes_in(options);
  if (const std::size_t files = options.files.size(); files > 1 && files != classes.size())
    throw UsageError(
        fmt::format("--resume {}: {} files for {} classes; name none of them, or all", options.folder, files, classes.size()));
  const Concurrency concurrency = concurrency_for(classes.size(), options.resources.threads);
  std::vector<ClassShare> shares;
  for (const ClassOfFile& each : classes) {
    auto folder = std::make_unique<RunFolder>(path_in(options.folder, each.folder), RunFolder::Purpose::resume);
    TrainState state = folder->read_state();
    RunInputs inputs = inputs_of_classes(options, load_tokenizer(folder->path()), concurrency.threads, false);
    shares.push_back({each.name, nullptr, std::move(state), std::move(inputs), std::move(folder)});
    require_one_classifier(options, shares.front(), shares.back());
  }
  std::optional<std::string> input;
  if (std::count(options.files.begin(), options.files.end(), "-") > 0) input = read_corpus_bytes("-", CorpusKind::lines);
  std::vector<LoadedClass> corpora;
  corpora.reserve(shares.size());
  for (std::size_t c = 0; c < shares.size(); ++c) {
    corpora.push_back({shares[c].name, load_class_corpus_again(options, shares[c], c, input)});
    shares[c].corpus = &corpora[c].corpus;
  }
  inform_of_invalid_bytes(options, corpora);
  for (ClassShare& share : shares)
    if (update_source(*share.corpus, share.state.corpus)) share.folder->write_state(share.state);
  ClassTraining training(training_options(options), std::move(shares), concurrency.at_once);
  training.resume();
  finish(training);
}

void run_train_classes(ClassesOptions& options) {
  options.resources.target = target_from_environment();
  require_flags_that_go_together(options);
  options.folder = options.resumed ? *options.resumed : *options.output;
  if (!options.quiet) inform_of_slow_machine();
  if (options.resumed)
    resume_classes(options);
  else
    begin_classes(options);
}

void add_run_flags(Command& command, ClassesOptions& options) {
  command.group("Training");
  FlagsOfSettings flags(command, options.run_flags);
  visit_length(options.run, flags);
  options.run_flags.push_back(&add_real(command, "--seconds", RealRange::above(0.0), into(options.run.seconds),
                                        "Train each model for about X seconds, as many at a time as there are cores")
                                   .exclude(command.flag("--num-steps")));
  options.run_flags.push_back(
      &add_choice(command, "--encoding", kEncodingNames, options.format.encoding, "Character encoding").in("Data").rare());
  options.run_flags.push_back(
      &add_choice(command, "--invalid", kInvalidUtf8Names, options.format.invalid, kMeaningOfInvalid).in("Data").rare());
  visit_model_settings(options.run, flags);
  visit_optimizer_settings(options.run, flags);
  visit_run_settings(options.run, flags);
  add_integer(command, "--threads", kThreads, options.resources.threads,
              "Threads per model, of which several are trained at once; 0 shares out the cores")
      .in("General");
  describe_fitted_settings(command);
  set_shown_default(command.flag("--patience"), "3, or 0 for less than 1000 documents");
  set_shown_default(command.flag("--ngram-share"), "0");
  for (const auto& [flag, value] : kShownOfClasses) set_shown_default(command.flag(flag), value);
}

void add_common_flags(Command& command, const std::shared_ptr<ClassesOptions>& options) {
  options->command = command.name();
  options->command_line = shell_line(command.words);
  command.group("Output");
  Flag& output = command.add_text("-o,--output", "DIR", into(options->output),
                                  "Folder for classifier.json, linear.bin and the models, a folder each");
  command.add_switch("--overwrite", into(options->overwrite), "Replace the models in that folder");
  command
      .add_text("--resume", "DIR", into(options->resumed),
                "Resume the training in this folder where it stopped; leave the files out")
      .exclude(output);
  command.add_switch("--quiet", into(options->quiet), "Print results only: no progress and no messages");
  add_run_flags(command, *options);
  options->is_given = given_flags(command);
  command.run = [options] { run_train_classes(*options); };
}

}  // namespace

void describe_train_pair(Command& command) {
  const auto options = std::make_shared<ClassesOptions>();
  const auto add = [options](std::string file) { options->files.push_back(std::move(file)); };
  command.add_argument("POSITIVE", add, "Documents of one kind, one per line");
  command.add_argument("NEGATIVE", add, "Documents of the other kind, one per line");
  add_common_flags(command, options);
  command.add_example("microgpt train-pair spam.txt mail.txt -o filter", "Train on two files, and save both models");
  command.add_example("microgpt train-pair spam.txt mail.txt -o quick --num-steps 50", "The same with 50 steps per model");
  command.add_example("microgpt train-pair --resume filter", "Go on after an interruption");
}

void describe_train_classes(Command& command) {
  const auto options = std::make_shared<ClassesOptions>();
  command.add_arguments("FILES", into(options->files),
                        "Documents, one per line: a file per class, named after its class, or one file whose lines begin with "
                        "__label__CLASS");
  add_common_flags(command, options);
  command.add_example("microgpt train-classes de.txt en.txt fr.txt -o languages", "Train the classes de, en and fr");
  command.add_example("microgpt train-classes labelled.txt -o topics", "Train on lines such as: __label__sport Two goals");
  command.add_example("microgpt train-classes --resume languages", "Go on after an interruption");
}

}  // namespace microgpt
