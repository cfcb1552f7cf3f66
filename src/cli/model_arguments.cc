#include "cli/model_arguments.h"

#include "cli/arguments.h"
#include "cli/target.h"
#include "text/utf8.h"

namespace microgpt {

CLI::Option* add_model(CLI::App& command, std::string& folder) {
  return command.add_option("MODEL", folder, "The folder of the model")->type_name("");
}

CLI::Option* add_json(CLI::App& command, bool& json) { return command.add_flag("--json", json, "Print JSON"); }

void add_engine(CLI::App& command, EngineKind& engine) {
  add_choice(command, "--engine", kEngineNames, engine, "What computes");
}

void add_unseen(CLI::App& command, Unseen& unseen) {
  add_choice(command, "--unseen", kUnseenNames, unseen, "What to do about characters that the model has never seen");
}

void require_encoding(const Tokenizer& tokenizer, const std::string& name, const std::string& text) {
  if (tokenizer.encoding() == Encoding::utf8 && find_invalid_utf8(text)) throw UsageError(name + ": this is not UTF-8");
}

OpenModel open_model(const std::string& folder, EngineKind kind) {
  const Target target = target_from_environment();
  OpenModel model{load_model(folder), nullptr};
  model.engine = make_engine(kind, model.saved.config, {.target = target});
  model.engine->load(model.saved.parameters);
  return model;
}

}  // namespace microgpt
