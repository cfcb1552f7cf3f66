// SPDX-License-Identifier: MIT
// microgpt tokens: a text as the model sees it.
#include <memory>
#include <string>

#include "cli/commands/commands.h"
#include "cli/model_arguments.h"
#include "cli/terminal.h"
#include "report/model_table.h"

namespace microgpt {
namespace {

struct TokensOptions {
  std::string folder;
  std::string text;
};

void run_tokens(const TokensOptions& options) {
  const SavedModel model = load_model_and_inform(options.folder);
  require_encoding(model.tokenizer, "TEXT", options.text);
  print(tokens_table(model.tokenizer, options.text));
}

}  // namespace

void describe_tokens(Command& command) {
  const auto options = std::make_shared<TokensOptions>();
  add_model(command, options->folder).require();
  command.add_argument("TEXT", into(options->text), "Text to split into tokens").require();
  command.add_example("microgpt tokens model emma", "Show the tokens of a word");
  command.add_example("microgpt tokens model 'emma and zoë'", "Quote a text with spaces; unseen characters are marked");
  command.add_example("microgpt tokens filter/positive emma", "Ask one model of a pair");
  command.run = [=] { run_tokens(*options); };
}

}  // namespace microgpt
