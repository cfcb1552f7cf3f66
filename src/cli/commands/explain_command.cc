// SPDX-License-Identifier: MIT
// microgpt explain: the loss of one document laid open, position by position.
#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "cli/arguments.h"
#include "cli/commands/commands.h"
#include "cli/model_arguments.h"
#include "cli/picture_files.h"
#include "cli/terminal.h"
#include "inference/explain_document.h"
#include "io/file.h"
#include "microgpt/corpus.h"
#include "microgpt/error.h"
#include "report/explanation/explanation_html.h"
#include "report/explanation/explanation_json.h"
#include "report/explanation/explanation_svg.h"
#include "report/explanation/explanation_table.h"

namespace microgpt {
namespace {

constexpr Range kAlternativesShown{0, Config::kVocabSize.max};
constexpr Range kHeads{0, Config::kNHead.max - 1};
constexpr std::size_t kMaxPositions = 100'001;           // each becomes a row of a table, and a part of a picture
constexpr std::size_t kMaxBytes = std::size_t{1} << 20;  // more than so many characters take

struct ExplainCommandOptions {
  std::string folder;
  std::string text;
  std::size_t alternatives = kAlternatives;
  bool attention = false;
  std::optional<std::size_t> head;
  bool json = false;
  PictureFiles pictures;
  Unseen unseen = Unseen::count;
  EngineKind engine = EngineKind::fast;
  std::optional<PredictorKind> predictor;
};

void require_flags_that_go_together(const ExplainCommandOptions& options) {
  require_apart(options.pictures, options.json);
  if (options.head && !options.attention) throw UsageError("--head goes with --attention");
}

std::string name_of_text(const ExplainCommandOptions& options) {
  return options.text == "-" ? name_of_input(options.text) : "TEXT";
}

// The document; from standard input as a corpus of running text is read, and without the end of its last line.
std::string read_document(const std::string& text, const Tokenizer& tokenizer) {
  if (text != "-") {
    require_encoding(tokenizer, "TEXT", text);
    return text;
  }
  std::string bytes = read_file(text, kMaxBytes);
  if (bytes.empty()) return bytes;
  const Corpus corpus = Corpus::from_text(name_of_input(text), std::move(bytes), tokenizer.encoding());
  const std::string_view document = corpus[0];
  return std::string(document.substr(0, document.size() - (document.ends_with('\n') ? 1 : 0)));
}

void require_seen(const Tokenizer& tokenizer, const std::string& name, const std::string& document) {
  try {
    tokenizer.encode(document);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}; leave --unseen error out to count it", name, error.what()));
  }
}

void require_fit(const ExplainCommandOptions& options, const Config& config, const Tokenizer& tokenizer,
                 const std::string& document) {
  const std::size_t positions = tokenizer.encode_marking_unseen(document).size() - 1;
  if (positions > kMaxPositions)
    throw UsageError(
        fmt::format("{}: {} characters are more than the {} that can be laid open; score --character-bits takes any",
                    name_of_text(options), positions - 1, kMaxPositions - 1));
  if (options.head && *options.head >= config.n_head)
    throw UsageError(fmt::format("--head {}: the model has the heads 0 to {}", *options.head, config.n_head - 1));
  if (options.unseen == Unseen::error) require_seen(tokenizer, name_of_text(options), document);
}

// The attention of the layers before the last is for pictures alone.
Explanation explain_document(const ExplainCommandOptions& options, const LoadedModel& model, const std::string& document,
                             EarlierAttention& earlier) {
  const Tokenizer& tokenizer = model.saved.tokenizer;
  const std::unique_ptr<Engine> engine = model.engine();
  Explanation explanation = explain(*engine, tokenizer, document, options.alternatives, model.mixture.get());
  if (std::isnan(explanation.total_nats()))
    throw Error(fmt::format("{}: the loss is not a number; the parameters of the model are too large", options.folder));
  const bool is_drawn = options.pictures.svg || options.pictures.html;
  if (options.attention)
    explain_attention(*engine, tokenizer, document, explanation, options.head, is_drawn ? &earlier : nullptr);
  return explanation;
}

void print_text(const ExplainCommandOptions& options, const Explanation& explanation, const Tokenizer& tokenizer) {
  const Style style = style_for(stdout);
  print(explanation_table(explanation, tokenizer, style, output_width()));
  print("\n" + explanation_summary(explanation) + gradient_note(explanation, tokenizer));
  if (options.attention) print("\n" + attention_table(explanation, style, output_width()));
}

void run_explain(const ExplainCommandOptions& options) {
  require_flags_that_go_together(options);
  const LoadedModel model = load_for(options.folder, options.engine, options.predictor);
  const Tokenizer& tokenizer = model.saved.tokenizer;
  const std::string document = read_document(options.text, tokenizer);
  require_fit(options, model.saved.config, tokenizer, document);
  EarlierAttention earlier;
  const Explanation explanation = explain_document(options, model, document, earlier);
  const PictureFiles& pictures = options.pictures;
  if (pictures.svg) write_picture(*pictures.svg, explanation_svg(explanation, tokenizer, earlier));
  if (pictures.html) write_picture(*pictures.html, explanation_html(explanation, tokenizer, earlier));
  if (options.json) return print(explanation_json(explanation, tokenizer, document));
  if (!pictures.has_output()) print_text(options, explanation, tokenizer);
}

}  // namespace

void describe_explain(Command& command) {
  const auto options = std::make_shared<ExplainCommandOptions>();
  add_model(command, options->folder).require();
  command.add_argument("TEXT", into(options->text), "Document to explain; - reads standard input").require();
  command.group("Output");
  add_integer(command, "--alternatives", kAlternativesShown, options->alternatives, "Number of likely other tokens to show");
  command.add_switch("--attention", into(options->attention),
                     "Show what each head of the last layer attends to; pictures show all layers");
  add_integer(command, "--head", kHeads, into(options->head), "Show this head alone (with --attention)");
  add_json(command, options->json);
  add_pictures(command, options->pictures);
  add_unseen(command, options->unseen);
  add_predictor(command, options->predictor);
  add_engine(command, options->engine);
  command.add_example("microgpt explain model emma", "Show what each letter costs, and what was likelier");
  command.add_example("microgpt explain model emma --attention", "Show what the attention heads look at, too");
  command.add_example("microgpt explain model emma --html emma.html", "Write a page for the browser");
  command.run = [=] { run_explain(*options); };
}

}  // namespace microgpt
