// SPDX-License-Identifier: MIT
// microgpt eval: how well a saved model predicts a corpus.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/commands/commands.h"
#include "cli/corpus_argument.h"
#include "cli/interruption.h"
#include "cli/layout_flags.h"
#include "cli/model_arguments.h"
#include "cli/step_progress.h"
#include "cli/terminal.h"
#include "cli/training_documents.h"
#include "microgpt/error.h"
#include "microgpt/score.h"
#include "report/evaluation_table.h"
#include "report/numbers.h"
#include "scoring/evaluation.h"
#include "text/encoded_text.h"
#include "text/format_names.h"
#include "text/split.h"
#include "training/run_folder.h"
#include "training/settings.h"

namespace microgpt {
namespace {

struct EvalOptions {
  std::string folder;
  std::string corpus;
  std::optional<CorpusKind> kind;      // nothing: as that of the model
  std::optional<InvalidUtf8> invalid;  // likewise
  LayoutFlags layout;                  // likewise
  bool json = false;
  Unseen unseen = Unseen::count;
  EngineKind engine = EngineKind::fast;
};

// Throws Error that names the document and its first character that is unseen.
void require_seen(const Tokenizer& tokenizer, const Corpus& corpus, std::size_t document) {
  try {
    tokenizer.encode(corpus[document]);
  } catch (const Error& error) {
    throw Error(
        fmt::format("{}: document {}: {}; leave --unseen error out to count it", corpus.name(), document + 1, error.what()));
  }
}

// A document is predicted to its end: one position more than it has characters.
std::size_t count_positions(const Corpus& corpus) {
  std::size_t positions = corpus.size();
  for (std::size_t d = 0; d < corpus.size(); ++d) positions += count_characters(corpus.encoding(), corpus[d]);
  return positions;
}

Comparison compare_corpus(Engine& engine, const Baseline& baseline, const Tokenizer& tokenizer, const Corpus& corpus,
                          Unseen unseen, const Interruption& interruption) {
  for (std::size_t d = 0; unseen == Unseen::error && d < corpus.size(); ++d) require_seen(tokenizer, corpus, d);
  return evaluate(engine, tokenizer, corpus, baseline,
                  show_evaluation("evaluating", count_positions(corpus), interruption, true));
}

// The parts of the corpus that the model was trained on; none of another corpus.
std::vector<PartComparison> compare_parts(Engine& engine, const Baseline& baseline, const Tokenizer& tokenizer,
                                          const Corpus& corpus, const TrainSettings& run, const Interruption& interruption) {
  const CorpusParts parts = split_and_tokenize(corpus, tokenizer, run.seed, run.held_out);
  std::vector<PartComparison> comparisons;
  const auto add = [&](const std::string& name, const TokenizedDocuments& part) {
    const EvaluationWatch watch = show_evaluation("evaluating " + name, part.all_positions(), interruption, true);
    comparisons.push_back({name, evaluate(engine, part, baseline, watch)});
  };
  add("training", parts.training);
  if (parts.validation) add("validation", *parts.validation);
  if (parts.test) add("test", *parts.test);
  return comparisons;
}

// The corpus as the run divides it; nothing where it is another one, or what is held out is not where it was.
std::optional<Corpus> as_divided(const LoadedCorpus& loaded, const CorpusSource& run) {
  const CorpusSource& source = loaded.source;
  if (source.sha256 != run.sha256 || source.format.kind != run.format.kind || source.format.encoding != run.format.encoding ||
      source.format.invalid != run.format.invalid || source.format.layout != run.format.layout)
    return std::nullopt;
  try {
    LoadedCorpus all = divided(loaded, run.division);
    if (all.source.is_same(run)) return std::move(all.corpus);
    inform("the files that the run held out have changed, so that its parts are not told apart");
  } catch (const Error& error) {
    inform(fmt::format("{}, so that the parts of the run are not told apart", error.what()));
  }
  return std::nullopt;
}

// So that figures of them are not taken for figures of new ones.
void inform_of_trained_documents(const std::string& folder, const std::string& file, const Corpus& corpus) {
  const auto trained = find_training_documents(folder, file);
  if (!trained) return;
  std::size_t known = 0;
  for (std::size_t d = 0; d < corpus.size(); ++d) known += trained->contain(corpus[d]) ? 1 : 0;
  if (known > 0)
    inform_lines(fmt::format("{} was trained on {} of these {};\nof new ones figures will be worse\n", folder, known,
                             plural(corpus.size(), "document")));
}

void run_eval(const EvalOptions& options) {
  const OpenModel model = open_model(options.folder, options.engine);
  const Tokenizer& tokenizer = model.saved.tokenizer;
  const std::optional<TrainState> state = load_train_state(options.folder);
  CorpusFormat format = state ? state->corpus.format : CorpusFormat();
  format.kind = options.kind.value_or(format.kind);
  format.encoding = tokenizer.encoding();
  format.fold_case = tokenizer.folds_case();
  format.invalid = options.invalid.value_or(format.invalid);
  format.layout = layout_of(options.layout, format.encoding).value_or(format.layout);
  const LoadedCorpus loaded = load_corpus(options.corpus, format);
  inform_of_invalid_bytes(loaded);
  const Interruption interruption;
  const std::optional<NgramModel> ngram = load_baseline(options.folder, model.saved.config);
  const std::optional<MixtureWeights> weights = ngram ? load_mixture(options.folder, ngram->order()) : std::nullopt;
  std::optional<Mixture> mixture;
  if (weights) mixture.emplace(*ngram, *weights, target_from_environment());
  const Baseline baseline{ngram ? &*ngram : nullptr, mixture ? &*mixture : nullptr};
  CorpusComparison evaluation{ngram ? ngram->order() : 0,
                              compare_corpus(*model.engine, baseline, tokenizer, loaded.corpus, options.unseen, interruption),
                              {},
                              format.kind};
  if (std::isnan(evaluation.all.model.loss.token_mean))
    throw Error(fmt::format("{}: the loss is not a number; the parameters of the model are too large", options.folder));
  if (const auto corpus = state ? as_divided(loaded, state->corpus) : std::nullopt)
    evaluation.parts = compare_parts(*model.engine, baseline, tokenizer, *corpus, state->options, interruption);
  else if (format.kind != CorpusKind::text)
    inform_of_trained_documents(options.folder, options.corpus, loaded.corpus);
  print(options.json ? evaluation_json(evaluation)
                     : evaluation_table(evaluation, loaded.corpus.name(), model.saved.config.vocab_size));
}

}  // namespace

void describe_eval(Command& command) {
  const auto options = std::make_shared<EvalOptions>();
  add_model(command, options->folder).require();
  command.add_argument("CORPUS", into(options->corpus), "Documents, one per line; - reads standard input").require();
  add_choice_function(command, "--split", kCorpusKindNames, into(options->kind),
                      "How to split the file (into lines or as one long text)", " [as in training]")
      .in("Data");
  add_choice_function(command, "--invalid", kInvalidUtf8Names, into(options->invalid), kMeaningOfInvalid, " [as in training]")
      .in("Data")
      .rare();
  add_layout_flags(command, options->layout);
  add_json(command, options->json);
  add_unseen(command, options->unseen);
  add_engine(command, options->engine);
  command.add_example("microgpt eval model names.txt", "Print the loss on the lines of a file, and what it means");
  command.add_example("microgpt eval model names.txt --json > eval.json", "Write the same figures as JSON");
  command.add_example("microgpt eval model - < names.txt", "Evaluate on standard input");
  command.run = [=] { run_eval(*options); };
}

}  // namespace microgpt
