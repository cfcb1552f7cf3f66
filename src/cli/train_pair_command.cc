// SPDX-License-Identifier: MIT
// microgpt train-pair: two models that tell two kinds of documents apart, and how well they do on documents held out.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_set>
#include <utility>
#include <vector>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/corpus_argument.h"
#include "cli/interruption.h"
#include "cli/pair_member.h"
#include "cli/settings_flags.h"
#include "cli/target.h"
#include "cli/terminal.h"
#include "inference/classifier.h"
#include "inference/ngram_pair.h"
#include "inference/pair_figures.h"
#include "io/atomic_file.h"
#include "io/file.h"
#include "io/new_folder.h"
#include "microgpt/error.h"
#include "model/saved_model.h"
#include "report/classification_report.h"
#include "report/markdown.h"
#include "report/roc_svg.h"
#include "training/default_settings.h"
#include "training/memory.h"
#include "training/pair.h"
#include "training/run_folder.h"
#include "training/settings.h"

namespace microgpt {
namespace {

struct PairOptions {
  std::optional<std::string> positive;
  std::optional<std::string> negative;
  std::optional<std::string> output;
  std::optional<std::string> resumed;  // the folder of a pair to go on with
  std::string folder;                  // whichever of the two is given
  std::string command_line;
  CorpusFormat format;
  TrainingRunOptions run = pair_defaults();
  IsGiven is_given;  // by a flag
  bool overwrite = false;
  bool quiet = false;
  std::vector<const Flag*> run_flags;  // which a resumed pair has already
};

std::string folder_of(const PairOptions& options, std::string_view kind) { return path_in(options.folder, kind); }

std::string picture_path(const PairOptions& options) { return path_in(options.folder, "roc.svg"); }

void require_flags_that_go_together(const PairOptions& options) {
  if (options.positive == "-" && options.negative == "-") throw UsageError("-: only one of the two can be standard input");
  if (options.resumed) {
    if (const Flag* flag = first_given(options.run_flags))
      throw UsageError(fmt::format("{} does not go with --resume: the pair goes on as it was begun", flag->name()));
    if (options.overwrite) throw UsageError("--overwrite: nothing is replaced without -o DIR");
    return;
  }
  if (!options.output)
    throw UsageError("train-pair: name a folder for the models with -o DIR, or one to go on in with --resume DIR");
  if (options.output == "-") throw UsageError("-o -: name a folder; a model is several files");
  for (const auto& [name, corpus] : {std::pair("POSITIVE", options.positive), std::pair("NEGATIVE", options.negative)})
    if (!corpus) throw UsageError(fmt::format("{} is required (see microgpt train-pair --help)", name));
}

void require_place(const PairOptions& options) {
  if (holds_run(options.folder))
    throw Error(fmt::format("{} holds a run, which is no pair: name another folder", options.folder));
  if (options.overwrite) return;
  for (const std::string_view kind : {kPositive, kNegative})
    if (holds_run(folder_of(options, kind)))
      throw Error(
          fmt::format("{0} holds a pair already: go on with it by --resume {0}, replace it with --overwrite, or name another "
                      "folder",
                      options.folder));
  for (const std::string_view kind : {kPositive, kNegative}) require_no_model(folder_of(options, kind));
  if (std::filesystem::exists(picture_path(options)))
    throw Error(fmt::format("{} is there already: replace it with --overwrite, or name another folder", picture_path(options)));
}

// Works on both at the same time. What goes wrong with the first is thrown, or else what goes wrong with the second.
void do_both(const std::function<void()>& first, const std::function<void()>& second) {
  std::future<void> other = std::async(std::launch::async, second);
  std::exception_ptr problem;
  try {
    first();
  } catch (...) {
    problem = std::current_exception();
  }
  other.wait();
  if (problem) std::rethrow_exception(problem);
  other.get();
}

// What a member of the pair has of its own.
struct PairShare {
  const LoadedCorpus& corpus;
  TrainState state;
  std::unique_ptr<RunFolder> folder;
};

class TrainPairCommand {
 public:
  TrainPairCommand(const PairOptions& options, PairShare positive, PairShare negative) : options_(options) {
    const auto memory = [](const PairShare& share) {
      return RunMemory(share.corpus.corpus, share.state.options.init->tokenizer.vocab_size()).bytes(share.state.options);
    };
    const std::array bytes{memory(positive), memory(negative)};
    require_memory_together("both models at the same time", bytes, 1, "choose smaller sizes, or fewer documents");
    const auto make = [](std::string_view kind, PairShare& share, std::unique_ptr<PairMember>& member) {
      member = std::make_unique<PairMember>(std::string(kind), share.corpus, share.state, std::move(share.folder));
    };
    do_both([&] { make(kPositive, positive, positive_); }, [&] { make(kNegative, negative, negative_); });
  }

  void begin() {
    for (PairMember* member : members()) member->begin();
  }

  void resume() {
    do_both([&] { positive_->resume(); }, [&] { negative_->resume(); });
    for (const PairMember* member : members())
      if (member->is_complete()) message(fmt::format("the run in {} is finished: {}", member->folder(), member->end()));
  }

  void train() {
    const Interruption interruption;  // before the first line, as whoever reads it may answer with a signal
    std::vector<PairMember*> trained = members();
    std::erase_if(trained, [](const PairMember* member) { return member->is_complete(); });
    for (const PairMember* member : trained)
      if (const LongDocuments& documents = member->long_documents(); documents.longer > 0)
        message(fmt::format("{}: {}", member->name(), microgpt::describe(documents)));
    for (const PairMember* member : trained) print(fmt::format("{}\n{}\n", member->name(), member->description()));
    flush_output();
    train_both(interruption, trained.empty() ? nullptr : trained.front());
    for (const PairMember* member : trained) print(fmt::format("{}\n{}\n", member->name(), member->step_lines()));
  }

  void evaluate() {
    TrainingRun& positive = positive_->run();
    TrainingRun& negative = negative_->run();
    if (positive.test()) {
      Roc of_models = roc_of_pair(positive_->predictor(), negative_->predictor(), *positive.test(), *negative.test());
      Roc of_ngrams = roc_of_pair(*positive.baseline(), *negative.baseline(), *positive.test(), *negative.test());
      report({{"models", std::move(of_models), 0.0},
              {name_of_ngrams(*positive.baseline(), *negative.baseline()), std::move(of_ngrams), 0.0}});
    }
    message(
        fmt::format("the models are in {0}/positive and {0}/negative; microgpt classify --positive {0}/positive --negative "
                    "{0}/negative FILE tells lines apart",
                    options_.folder));
  }

 private:
  std::vector<PairMember*> members() const { return {positive_.get(), negative_.get()}; }

  // The bar is that of one of them.
  void train_both(const Interruption& interruption, const PairMember* shown) {
    std::atomic<bool> stop = false;
    const auto train = [&](PairMember& member) { member.train(interruption, stop, !options_.quiet && &member == shown); };
    try {
      do_both([&] { train(*positive_); }, [&] { train(*negative_); });
    } catch (const Interrupted&) {
      message(fmt::format("what was trained is saved; microgpt train-pair --resume {} goes on from there", options_.folder));
      throw;
    }
  }

  void report(const std::vector<ClassifierResult>& results) {
    print(
        fmt::format("Told apart by the ratio of their likelihoods, above 0 is positive: {} positive\n"
                    "and {} negative documents of the test parts, none of which was trained on.\n\n",
                    results.front().roc.positives(), results.front().roc.negatives()));
    print(classification_table(results));
    std::vector<RocCurve> curves;
    for (const ClassifierResult& result : results) curves.push_back({result.name, result.roc});
    AtomicFile picture(picture_path(options_));
    picture.write(roc_svg("Positive and negative documents held out for the test", curves));
    picture.commit();
  }

  void message(const std::string& text) const {
    if (!options_.quiet) inform(text);
  }

  const PairOptions& options_;
  std::unique_ptr<PairMember> positive_;
  std::unique_ptr<PairMember> negative_;
};

// Different ones.
std::size_t count_in_both(const Corpus& first, const Corpus& second) {
  std::unordered_set<std::string_view> of_first, in_both;
  for (std::size_t d = 0; d < first.size(); ++d) of_first.insert(first[d]);
  for (std::size_t d = 0; d < second.size(); ++d)
    if (of_first.contains(second[d])) in_both.insert(second[d]);
  return in_both.size();
}

// What the members are on this machine.
TrainingRunOptions on_this_machine(TrainingRunOptions run, const PairOptions& options, Tokenizer vocabulary) {
  run.init = std::make_shared<const InitialModel>(InitialModel{std::move(vocabulary), {}});
  run.target = options.run.target;
  run.threads = options.run.threads == 0 ? std::max<std::size_t>(1, default_threads() / 2) : options.run.threads;
  run.with_baseline = true;
  return run;
}

void finish(TrainPairCommand& command) {
  command.train();
  command.evaluate();
}

void begin_both(const PairOptions& options, const LoadedCorpus& positive, const LoadedCorpus& negative) {
  NewFolder folder(options.folder);  // until both have begun
  const TrainingRunOptions run =
      on_this_machine(options.run, options, Tokenizer::of_both(Tokenizer(positive.corpus), Tokenizer(negative.corpus)));
  const auto share = [&](std::string_view kind, const LoadedCorpus& corpus) {
    return PairShare{corpus,
                     {corpus.source, run, std::nullopt, options.command_line},
                     std::make_unique<RunFolder>(folder_of(options, kind), RunFolder::Purpose::begin)};
  };
  TrainPairCommand command(options, share(kPositive, positive), share(kNegative, negative));
  command.begin();  // now that both can be trained
  folder.keep();
  finish(command);
}

void inform_of_invalid_bytes(const PairOptions& options, const LoadedCorpus& positive, const LoadedCorpus& negative) {
  if (options.quiet) return;
  for (const LoadedCorpus* loaded : {&positive, &negative}) microgpt::inform_of_invalid_bytes(*loaded);
}

void begin_pair(PairOptions& options) {
  require_place(options);
  const LoadedCorpus positive = load_corpus(options.positive, options.format);
  const LoadedCorpus negative = load_corpus(options.negative, options.format);
  inform_of_invalid_bytes(options, positive, negative);
  if (const std::size_t count = count_in_both(positive.corpus, negative.corpus); count > 0 && !options.quiet)
    inform(fmt::format("{} in both files; nothing tells which kind they are",
                       count == 1 ? "1 document is" : fmt::format("{} documents are", count)));
  const std::array splits{CorpusToSplit{&positive.corpus, options.run.seed}, CorpusToSplit{&negative.corpus, options.run.seed}};
  with_all_parts(splits, NothingHeldOut::possible, [&] {
    const TrainingSize size = training_size(positive.corpus, options.run);
    fit(size.or_larger(training_size(negative.corpus, options.run)), options.is_given, options.run);
    begin_both(options, positive, negative);
  });
}

TrainState resumed_state(const PairOptions& options, const RunFolder& folder) {
  TrainState state = folder.read_state();
  state.options = on_this_machine(state.options, options, load_tokenizer(folder.path()));
  return state;
}

// Lest one has been trained on what the other holds out.
void require_pair(const std::string& folder, const TrainState& first, const TrainState& second) {
  const auto what_is_common = [](const TrainState& state) {
    const Tokenizer& tokenizer = state.options.init->tokenizer;
    return std::tuple(tokenizer.encoding(), tokenizer.characters(), state.options.seed, state.options.held_out);
  };
  const auto is_of_lines = [](const TrainState& state) { return state.corpus.format.kind == CorpusKind::lines; };
  if (!is_of_lines(first) || !is_of_lines(second) || what_is_common(first) != what_is_common(second))
    throw Error(
        fmt::format("{0}/{1} and {0}/{2} are no pair: they have other characters, or hold out other documents; train one "
                    "with microgpt train-pair -o",
                    folder, kPositive, kNegative));
}

LoadedCorpus load_member_again(const PairOptions& options, const std::optional<std::string>& given, const TrainState& state,
                               const RunFolder& folder) {
  if (state.corpus.path == "-" && !given)
    throw UsageError(fmt::format(
        "--resume {0}: the corpus of {1} came from standard input; give both again, as in train-pair --resume {0} POSITIVE - "
        "< FILE",
        options.folder, folder.path()));
  return load_corpus_again("train-pair", state.corpus, given, folder.path());
}

void resume_pair(const PairOptions& options) {
  if (holds_run(options.folder))
    throw Error(fmt::format("{0} holds a run, and no pair: go on with it by microgpt train --resume {0}", options.folder));
  const auto folder = [&](std::string_view kind) {
    return std::make_unique<RunFolder>(folder_of(options, kind), RunFolder::Purpose::resume);
  };
  std::unique_ptr<RunFolder> positive_folder = folder(kPositive), negative_folder = folder(kNegative);
  TrainState positive = resumed_state(options, *positive_folder), negative = resumed_state(options, *negative_folder);
  require_pair(options.folder, positive, negative);
  const LoadedCorpus positive_corpus = load_member_again(options, options.positive, positive, *positive_folder);
  const LoadedCorpus negative_corpus = load_member_again(options, options.negative, negative, *negative_folder);
  inform_of_invalid_bytes(options, positive_corpus, negative_corpus);
  if (take_place(positive_corpus, positive.corpus)) positive_folder->write_state(positive);
  if (take_place(negative_corpus, negative.corpus)) negative_folder->write_state(negative);
  TrainPairCommand command(options, {positive_corpus, std::move(positive), std::move(positive_folder)},
                           {negative_corpus, std::move(negative), std::move(negative_folder)});
  command.resume();
  finish(command);
}

void run_train_pair(PairOptions& options) {
  options.run.target = target_from_environment();
  require_flags_that_go_together(options);
  options.folder = options.resumed ? *options.resumed : *options.output;
  if (!options.quiet) inform_of_slow_machine();
  if (options.resumed)
    resume_pair(options);
  else
    begin_pair(options);
}

void add_run_flags(Command& command, PairOptions& options) {
  FlagsOfSettings flags(command, options.run_flags);
  visit_length(options.run, flags);
  options.run_flags.push_back(&add_real(command, "--seconds", RealRange::above(0.0), into(options.run.seconds),
                                        "As many steps of each as take about so long, both at the same time")
                                   .exclude(command.flag("--num-steps")));
  options.run_flags.push_back(
      &add_choice(command, "--encoding", kEncodingNames, options.format.encoding, "What characters are"));
  options.run_flags.push_back(&add_choice(command, "--invalid", kInvalidUtf8Names, options.format.invalid, kMeaningOfInvalid));
  visit_model_settings(options.run, flags);
  visit_optimizer_settings(options.run, flags);
  visit_run_settings(options.run, flags);
  add_integer(command, "--threads", kThreads, options.run.threads,
              "Of each of the two, which are trained at the same time; 0 is half as many as there are cores");
  describe_fitted_settings(command);
}

}  // namespace

void describe_train_pair(Command& command) {
  const auto options = std::make_shared<PairOptions>();
  options->command_line = shell_line(command.words);
  command.add_argument("POSITIVE", into(options->positive), "Documents of one kind, one a line");
  command.add_argument("NEGATIVE", into(options->negative), "Documents of the other kind, one a line");
  Flag& output = command.add_text("-o,--output", "DIR", into(options->output),
                                  "The folder for the folders positive and negative of the models");
  command.add_switch("--overwrite", into(options->overwrite), "Replace the models in that folder");
  command
      .add_text("--resume", "DIR", into(options->resumed),
                "Go on with the pair of this folder where it stopped; the files need not be named again")
      .exclude(output);
  command.add_switch("--quiet", into(options->quiet), "Results only: no progress and no messages");
  add_run_flags(command, *options);
  options->is_given = given_flags(command);
  command.run = [options] { run_train_pair(*options); };
}

}  // namespace microgpt
