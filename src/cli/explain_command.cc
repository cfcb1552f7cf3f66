// microgpt explain: the loss of one document laid open, position by position.
#include <memory>
#include <string>

#include "cli/commands.h"
#include "cli/model_arguments.h"
#include "cli/terminal.h"
#include "inference/explain.h"
#include "report/explanation_json.h"
#include "report/explanation_table.h"

namespace microgpt {
namespace {

struct Options {
  std::string folder;
  std::string text;
  bool json = false;
  EngineKind engine = EngineKind::fast;
};

void run_explain(const Options& options) {
  const OpenModel model = open_model(options.folder, options.engine);
  const Tokenizer& tokenizer = model.saved.tokenizer;
  require_encoding(tokenizer, "TEXT", options.text);
  const Explanation explanation = explain(*model.engine, tokenizer, options.text);
  if (options.json) return print(explanation_json(explanation, tokenizer, options.text));
  print(explanation_table(explanation, tokenizer, style_for(stdout), output_width()));
  print("\n" + explanation_summary(explanation));
}

}  // namespace

void add_explain_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("explain", "Lay the loss of one document open, position by position");
  const auto options = std::make_shared<Options>();
  add_model(*command, options->folder)->required();
  command->add_option("TEXT", options->text, "The document")->required()->type_name("");
  add_json(*command, options->json);
  add_engine(*command, options->engine);
  command->callback([=] { run_explain(*options); });
}

}  // namespace microgpt
