// SPDX-License-Identifier: MIT
// microgpt sample: new documents from a saved model, one a line, or of a running text as long as one likes.
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/commands/commands.h"
#include "cli/interruption.h"
#include "cli/model_arguments.h"
#include "cli/samples.h"
#include "engine/engine.h"
#include "inference/sample_search.h"
#include "io/file.h"
#include "parallel/cores.h"
#include "text/pattern.h"
#include "training/run_folder.h"
#include "training/settings.h"

namespace microgpt {
namespace {

constexpr Range kTopK{1, 1'000'000'000};
constexpr RealRange kTopP{.min = 0.0, .has_min = false, .max = 1.0};
constexpr RealRange kMinP{.min = 0.0, .max = 1.0};
constexpr Range kMinLengths{0, 1'000'000'000};
constexpr Range kBudget{1, 1'000'000'000'000'000};

struct SampleCommandOptions {
  std::string folder;
  std::string prompt;
  std::optional<std::string> contains;
  std::optional<std::string> match;
  std::optional<std::string> not_in;
  std::optional<SampleFormat> format;
  std::size_t threads = 0;
  EngineKind engine = EngineKind::fast;
  std::optional<PredictorKind> predictor;
  DocumentLayout layout;  // of the files that the model was trained on
  SampleSettings samples;
};

void require_flags_that_go_together(const SampleCommandOptions& options) {
  const SampleSettings& samples = options.samples;
  if (samples.with_score && options.format == SampleFormat::lines)
    throw UsageError("--with-score: lines have no place for it; take --format tsv, csv or jsonl");
  if (samples.exact_conditional && !options.contains && !options.match)
    throw UsageError("--exact-conditional: say what documents shall be, by --match or --contains");
  if (samples.exact_conditional && samples.temperature == 0.0)
    throw UsageError("--exact-conditional: at a --temperature of 0 all documents are the same; choose a higher one");
  if (samples.budget && !options.contains && !options.match && !options.not_in && !samples.constraints.unique)
    throw UsageError("--budget: no document is rejected without --contains, --match, --unique or --not-in");
}

// The tokens of a flag's text, without BOS.
std::vector<Token> encode_flag(const Tokenizer& tokenizer, const std::string& flag, const std::string& text) {
  require_encoding(tokenizer, flag, text);
  std::vector<Token> tokens;
  try {
    tokens = tokenizer.encode(text);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}; take others", flag, error.what()));
  }
  tokens.erase(tokens.begin());
  tokens.pop_back();
  return tokens;
}

void require_prompt_fits(const SampleSettings& samples, const Config& config) {
  const std::size_t longest = longest_sample(samples, config);
  const std::size_t characters = samples.prompt.size();
  const bool is_context = samples.kind != CorpusKind::text && !samples.max_length;
  if (characters >= longest && is_context)
    throw UsageError(
        fmt::format("--prompt: {} characters leave no space in the context of {}; --max-length N makes longer documents",
                    characters, longest));
  if (characters >= longest)
    throw UsageError(fmt::format("--prompt: {} characters leave no space in a --max-length of {}", characters, longest));
  if (samples.min_length > longest)
    throw UsageError(fmt::format("--min-length {}: documents have at most {} characters; --max-length N makes longer ones",
                                 samples.min_length, longest));
}

std::shared_ptr<const Pattern> pattern_of(const Tokenizer& tokenizer, const std::string& match) {
  try {
    return std::make_shared<const Pattern>(match, tokenizer.encoding());
  } catch (const Error& error) {
    throw UsageError(fmt::format("--match: {}", error.what()));
  }
}

Constraints constraints_of(const SampleCommandOptions& options, const Tokenizer& tokenizer) {
  Constraints constraints = options.samples.constraints;
  // In the model's characters, or it would never be found.
  if (options.contains) constraints.contains = tokenizer.decode(encode_flag(tokenizer, "--contains", *options.contains));
  if (options.match) constraints.pattern = pattern_of(tokenizer, *options.match);
  if (options.not_in)
    constraints.known =
        std::make_shared<const KnownDocuments>(read_corpus(*options.not_in, {.kind = options.samples.kind,
                                                                             .encoding = tokenizer.encoding(),
                                                                             .layout = options.layout,
                                                                             .fold_case = tokenizer.folds_case()}));
  return constraints;
}

// The settings that depend on the model.
void complete(const SampleCommandOptions& options, const SavedModel& model, SampleSettings& samples) {
  samples.prompt = encode_flag(model.tokenizer, "--prompt", options.prompt);
  samples.constraints = constraints_of(options, model.tokenizer);
  samples.format = options.format.value_or(samples.with_score ? SampleFormat::tsv : SampleFormat::lines);
  require_prompt_fits(samples, model.config);
}

void run_sample(SampleCommandOptions options) {
  require_flags_that_go_together(options);
  const LoadedModel model = load_for(options.folder, options.engine, options.predictor);
  if (const auto state = load_train_state(options.folder)) {
    options.samples.kind = state->corpus.format.kind;
    options.layout = state->corpus.format.layout;
  }
  options.samples.mixture = model.mixture.get();
  if (model.predictor == PredictorKind::ngram) options.samples.ngram = model.ngram.get();
  complete(options, model.saved, options.samples);
  const std::size_t most = options.threads == 0 ? default_threads() : options.threads;
  std::vector<std::unique_ptr<Engine>> engines;
  std::vector<Engine*> pointers;
  for (std::size_t n = engines_for(search_options(options.samples, model.saved.config), most); n > 0; --n)
    pointers.push_back(engines.emplace_back(model.engine()).get());
  inform_of_warning(options.folder);
  print_samples(pointers, model.saved.tokenizer, options.samples, Interruption());
}

void add_drawing_flags(Command& command, SampleCommandOptions& options) {
  SampleSettings& samples = options.samples;
  command.group("Sampling");
  add_integer(command, "-n,--num-samples", kSampleCount, samples.count, "Number of samples");
  add_real(command, "--temperature", {0.0}, samples.temperature,
           "Temperature: low is likely, high is daring, 0 always takes the likeliest");
  add_integer(command, "--top-k", kTopK, into(samples.filter.top_k), "Sample each character from the N likeliest");
  add_real(command, "--top-p", kTopP, samples.filter.top_p,
           "Sample each character from the likeliest that have probability X together");
  add_real(command, "--min-p", kMinP, samples.filter.min_p,
           "Sample each character from those that have X times the likeliest one's probability or more");
  command.add_text("--prompt", "TEXT", into(options.prompt), "Beginning of each document");
  add_integer(command, "--min-length", kMinLengths, samples.min_length, "Minimum characters per sample");
  add_max_length(command, samples.max_length);
  add_integer(command, "--seed", kAnySeed, samples.seed, "Random seed for the samples");
}

void add_constraint_flags(Command& command, SampleCommandOptions& options) {
  command.group("Constraints");
  command.add_text("--contains", "TEXT", into(options.contains), "Draw documents that contain this text");
  command.add_text("--match", "REGEX", into(options.match), "Draw documents that match as a whole (RE2 syntax)");
  command
      .add_switch("--exact-conditional", into(options.samples.exact_conditional),
                  "Draw from the model's distribution of what --match and --contains ask for, by weighing candidates")
      .rare();
  command.add_switch("--unique", into(options.samples.constraints.unique), "Keep no document twice");
  command.add_text("--not-in", "CORPUS", into(options.not_in),
                   "Keep only documents that are none of this file's, in which they are found as in training");
  add_integer(command, "--budget", kBudget, into(options.samples.budget),
              fmt::format("Maximum number of documents to try [{} per sample, but at least {}]", kBudgetOfDocument, kMinBudget))
      .rare();
}

void add_output_flags(Command& command, SampleCommandOptions& options) {
  SampleSettings& samples = options.samples;
  command.group("Output");
  command.add_switch("--with-score", into(samples.with_score), "Print the bits of each document, as score does");
  add_choice_function(command, "--sort", kSampleOrderNames, into(samples.order), "Sort by the total bits of each document",
                      " [as they are found]");
  add_choice_function(command, "--format", kSampleFormatNames, into(options.format), "Output format",
                      " [lines; with --with-score tsv]");
}

}  // namespace

void describe_sample(Command& command) {
  const auto options = std::make_shared<SampleCommandOptions>();
  add_model(command, options->folder).require();
  add_drawing_flags(command, *options);
  add_constraint_flags(command, *options);
  add_output_flags(command, *options);
  add_integer(command, "--threads", kThreads, options->threads,
              "Threads; the result is the same with any number; 0 uses all cores")
      .in("General");
  add_predictor(command, options->predictor);
  add_engine(command, options->engine);
  command.add_example("microgpt sample model -n 20 --temperature 0.8", "Sample 20 documents, more daring than usual");
  command.add_example("microgpt sample model --prompt ma --not-in names.txt",
                      "Sample documents that begin with ma and are not lines of the file");
  command.add_example("microgpt sample model --match '[a-n]+' --unique --with-score",
                      "Sample different documents of these letters, and print how likely each is");
  command.run = [=] { run_sample(*options); };
}

}  // namespace microgpt
