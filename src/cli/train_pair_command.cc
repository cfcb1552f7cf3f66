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
#include "report/classification_report.h"
#include "report/markdown.h"
#include "report/roc_svg.h"
#include "training/default_settings.h"
#include "training/memory.h"
#include "training/pair.h"
#include "training/settings.h"

namespace microgpt {
namespace {

struct PairOptions {
  std::string positive;
  std::string negative;
  std::string folder;
  std::string command_line;
  Encoding encoding = Encoding::utf8;
  TrainingRunOptions run = pair_defaults();
  IsGiven is_given;  // by a flag
  bool overwrite = false;
  bool quiet = false;
};

std::string folder_of(const PairOptions& options, std::string_view kind) { return path_in(options.folder, kind); }

std::string picture_path(const PairOptions& options) { return path_in(options.folder, "roc.svg"); }

void require_place(const PairOptions& options) {
  if (options.folder == "-") throw UsageError("-o -: name a folder; a model is several files");
  if (options.positive == "-" && options.negative == "-") throw UsageError("-: only one of the two can be standard input");
  if (options.overwrite) return;
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

class TrainPairCommand {
 public:
  TrainPairCommand(const PairOptions& options, const LoadedCorpus& positive, const LoadedCorpus& negative)
      : options_(options), folder_(options.folder) {
    TrainingRunOptions run = options.run;
    const Tokenizer vocabulary = Tokenizer::of_both(Tokenizer(positive.corpus), Tokenizer(negative.corpus));
    run.init = std::make_shared<const InitialModel>(InitialModel{vocabulary, {}});
    if (run.threads == 0)
      run.threads = std::max<std::size_t>(1, default_threads() / 2);  // as both are trained at the same time
    const std::size_t vocab_size = vocabulary.vocab_size();
    const std::array bytes{RunMemory(positive.corpus, vocab_size).bytes(run),
                           RunMemory(negative.corpus, vocab_size).bytes(run)};
    require_memory_together("both models at the same time", bytes, 1, "choose smaller sizes, or fewer documents");
    const auto make = [&](std::string_view kind, const LoadedCorpus& corpus, std::unique_ptr<PairMember>& member) {
      member = std::make_unique<PairMember>(std::string(kind), corpus, run, options.command_line, folder_of(options, kind));
    };
    do_both([&] { make(kPositive, positive, positive_); }, [&] { make(kNegative, negative, negative_); });
    for (PairMember* member : {positive_.get(), negative_.get()}) member->begin();  // now that both can be trained
    folder_.keep();
  }

  void train() {
    const Interruption interruption;  // before the first line, as whoever reads it may answer with a signal
    for (const PairMember* member : {positive_.get(), negative_.get()})
      print(fmt::format("{}\n{}\n", member->name(), member->description()));
    flush_output();
    std::atomic<bool> stop = false;
    try {
      do_both([&] { positive_->train(interruption, stop, !options_.quiet); },
              [&] { negative_->train(interruption, stop, false); });
    } catch (const Interrupted&) {
      message(fmt::format("what was trained is saved; microgpt train --resume {} and {} go on from there", positive_->folder(),
                          negative_->folder()));
      throw;
    }
    for (const PairMember* member : {positive_.get(), negative_.get()})
      print(fmt::format("{}\n{}\n", member->name(), member->step_lines()));
  }

  void evaluate() {
    TrainingRun& positive = positive_->run();
    TrainingRun& negative = negative_->run();
    if (positive.test()) {
      Roc of_models = roc_of_pair(positive.engine(), negative.engine(), *positive.test(), *negative.test());
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
  NewFolder folder_;  // until both have begun
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

void run_train_pair(PairOptions& options) {
  options.run.target = target_from_environment();
  require_place(options);
  if (!options.quiet) inform_of_slow_machine();
  const CorpusFormat format{.kind = CorpusKind::lines, .encoding = options.encoding};
  const LoadedCorpus positive = load_corpus(options.positive, format);
  const LoadedCorpus negative = load_corpus(options.negative, format);
  if (const std::size_t count = count_in_both(positive.corpus, negative.corpus); count > 0 && !options.quiet)
    inform(fmt::format("{} in both files; nothing tells which kind they are",
                       count == 1 ? "1 document is" : fmt::format("{} documents are", count)));
  const std::array splits{CorpusToSplit{&positive.corpus, options.run.seed}, CorpusToSplit{&negative.corpus, options.run.seed}};
  const auto nothing = options.run.mix_ngram ? NothingHeldOut::impossible : NothingHeldOut::possible;
  with_all_parts(splits, nothing, [&] {
    const TrainingSize size = training_size(positive.corpus, options.run);
    fit(size.or_larger(training_size(negative.corpus, options.run)), options.is_given, options.run);
    TrainPairCommand command(options, positive, negative);
    command.train();
    command.evaluate();
  });
}

void add_run_flags(Command& command, PairOptions& options) {
  std::vector<const Flag*> all;
  FlagsOfSettings flags(command, all);
  visit_length(options.run, flags);
  add_real(command, "--seconds", RealRange::above(0.0), into(options.run.seconds),
           "As many steps of each as take about so long, both at the same time")
      .exclude(command.flag("--num-steps"));
  add_choice(command, "--encoding", kEncodingNames, options.encoding, "What characters are");
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
  command.add_argument("POSITIVE", into(options->positive), "Documents of one kind, one a line").require();
  command.add_argument("NEGATIVE", into(options->negative), "Documents of the other kind, one a line").require();
  command
      .add_text("-o,--output", "DIR", into(options->folder), "The folder for the folders positive and negative of the models")
      .require();
  command.add_switch("--overwrite", into(options->overwrite), "Replace the models in that folder");
  command.add_switch("--quiet", into(options->quiet), "Results only: no progress and no messages");
  add_run_flags(command, *options);
  options->is_given = given_flags(command);
  command.run = [options] { run_train_pair(*options); };
}

}  // namespace microgpt
