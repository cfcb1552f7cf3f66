// microgpt explain: the loss of one document laid open, position by position.
#include <fmt/format.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/model_arguments.h"
#include "cli/settings_flags.h"
#include "cli/terminal.h"
#include "inference/explain.h"
#include "io/file.h"
#include "microgpt/error.h"
#include "report/attention_table.h"
#include "report/explanation_html.h"
#include "report/explanation_json.h"
#include "report/explanation_svg.h"
#include "report/explanation_table.h"

namespace microgpt {
namespace {

constexpr Range kAlternativesShown{0, 1'000'000};

struct Options {
  std::string folder;
  std::string text;
  std::size_t alternatives = kAlternatives;
  bool attention = false;
  bool json = false;
  std::optional<std::string> svg;
  std::optional<std::string> html;
  EngineKind engine = EngineKind::fast;
};

// The document; from standard input without the end of its last line.
std::string read_document(const std::string& text) {
  if (text != "-") return text;
  std::string document = read_file(text);
  if (document.ends_with('\n')) document.pop_back();
  if (document.ends_with('\r')) document.pop_back();
  return document;
}

void write_picture(const std::string& path, const std::string& picture) {
  if (path == "-") return print(picture);
  OutputFile file(path);
  file.write(picture);
  file.close();
}

void run_explain(const Options& options) {
  const OpenModel model = open_model(options.folder, options.engine);
  const Tokenizer& tokenizer = model.saved.tokenizer;
  const std::string document = read_document(options.text);
  require_encoding(tokenizer, options.text == "-" ? "standard input" : "TEXT", document);
  Explanation explanation = explain(*model.engine, tokenizer, document, options.alternatives);
  if (options.attention) explain_attention(*model.engine, tokenizer, document, explanation);
  if (options.svg) write_picture(*options.svg, explanation_svg(explanation, tokenizer));
  if (options.html) write_picture(*options.html, explanation_html(explanation, tokenizer));
  if (options.json) return print(explanation_json(explanation, tokenizer, document));
  if (options.svg == "-" || options.html == "-") return;
  print(explanation_table(explanation, tokenizer, style_for(stdout), output_width()));
  print("\n" + explanation_summary(explanation) + gradient_note(explanation, tokenizer));
  if (options.attention) print("\n" + attention_table(explanation, style_for(stdout)));
}

}  // namespace

void add_explain_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("explain", "Lay the loss of one document open, position by position");
  const auto options = std::make_shared<Options>();
  add_model(*command, options->folder)->required();
  command->add_option("TEXT", options->text, "The document; - is standard input")->required()->type_name("");
  add_integer(*command, "--alternatives", kAlternativesShown, into(options->alternatives),
              fmt::format("How many of the likeliest other tokens to show [{}]", kAlternatives));
  command->add_flag("--attention", options->attention, "With what each head of the last layer looks at");
  add_json(*command, options->json);
  command->add_option("--svg", options->svg, "Draws it: a picture, - is standard output")->type_name("FILE");
  command->add_option("--html", options->html, "The picture and the numbers as a page; - is standard output")
      ->type_name("FILE");
  add_engine(*command, options->engine);
  command->callback([=] {
    const int to_output = (options->svg == "-") + (options->html == "-") + options->json;
    if (to_output > 1)
      throw UsageError(fmt::format("{} -: only one of --json, --svg and --html can be standard output",
                                   options->svg == "-" ? "--svg" : "--html"));
    run_explain(*options);
  });
}

}  // namespace microgpt
