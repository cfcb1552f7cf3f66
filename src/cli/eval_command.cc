// microgpt eval: how well a saved model predicts a corpus.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <string_view>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/interruption.h"
#include "cli/model_arguments.h"
#include "cli/terminal.h"
#include "io/file.h"
#include "microgpt/error.h"
#include "report/evaluation_table.h"
#include "scoring/document_scorer.h"
#include "text/format_names.h"

namespace microgpt {
namespace {

// What to do about characters that the model has never seen.
enum class Unseen {
  count,
  error,
};

struct UnseenName {
  Unseen value;
  std::string_view name;
};

constexpr std::array<UnseenName, 2> kUnseenNames{{
    {Unseen::count, "count"},
    {Unseen::error, "error"},
}};

struct Options {
  std::string folder;
  std::string corpus;
  CorpusKind kind = CorpusKind::lines;
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

// All documents alike. Those that the model was trained on are to be told apart here, by a Tally for each part, where the saved
// model says how its corpus was split.
Evaluation evaluate_corpus(Engine& engine, const Tokenizer& tokenizer, const Corpus& corpus, Unseen unseen) {
  const Interruption interruption;
  ProgressBar bar("evaluating", corpus.size());
  Tally tally(tokenizer.bos());
  DocumentScorer scorer(engine, [&](const ScoredPart& part) {
    const bool has_unseen = std::find(part.targets.begin(), part.targets.end(), kUnseen) != part.targets.end();
    if (unseen == Unseen::error && has_unseen) require_seen(tokenizer, corpus, part.document);
    tally.add(part);
    if (part.ends_document) bar.update(part.document + 1, fmt::format("{} of {} documents", part.document + 1, corpus.size()));
    interruption.check();
  });
  for (std::size_t d = 0; d < corpus.size(); ++d) scorer.add_text(tokenizer, corpus[d]);
  scorer.finish();
  return tally.evaluation();
}

void run_eval(const Options& options) {
  const OpenModel model = open_model(options.folder, options.engine);
  const Corpus corpus = read_corpus(options.corpus, {options.kind, model.saved.tokenizer.encoding()});
  const Evaluation evaluation = evaluate_corpus(*model.engine, model.saved.tokenizer, corpus, options.unseen);
  if (std::isnan(evaluation.loss.token_mean))
    throw Error(fmt::format("{}: the loss is not a number; the parameters of the model are too large", options.folder));
  print(options.json ? evaluation_json(evaluation)
                     : evaluation_table(evaluation, corpus.name(), model.saved.config.vocab_size));
}

}  // namespace

void add_eval_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("eval", "The loss of a saved model on documents, one a line");
  const auto options = std::make_shared<Options>();
  add_model(*command, options->folder)->required();
  command->add_option("CORPUS", options->corpus, "Documents, one a line; - is standard input")->required()->type_name("");
  add_choice(*command, "--split", kCorpusKindNames, options->kind, "What documents are: each line one, or all a running text");
  add_json(*command, options->json);
  add_choice(*command, "--unseen", kUnseenNames, options->unseen, "What to do about characters that the model has never seen");
  add_engine(*command, options->engine);
  command->callback([=] { run_eval(*options); });
}

}  // namespace microgpt
