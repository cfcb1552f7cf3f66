// SPDX-License-Identifier: MIT
#include "training/train_state.h"

#include <fmt/format.h>

#include <utility>

#include "io/damaged.h"
#include "io/json.h"
#include "training/setting_values.h"

namespace microgpt {
namespace {

bool is_sha256(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::string sha256_field(const std::string& file, const Json& value) {
  std::string hash = text_field(file, value, "sha256");
  if (!is_sha256(hash)) throw damaged(fmt::format("{}: {} is no SHA-256", file, quote(hash)));
  return hash;
}

CorpusSource corpus_from_json(const std::string& file, const Json& value) {
  require_fields_among(file, value, {"path", "sha256"});
  CorpusSource corpus;
  if (!json_field(file, value, "path").is_null()) corpus.path = text_field(file, value, "path");
  corpus.sha256 = sha256_field(file, value);
  return corpus;
}

std::optional<ModelSource> init_from_json(const std::string& file, const Json& value) {
  if (value.is_null()) return std::nullopt;
  require_fields_among(file, value, {"path", "sha256"});
  return ModelSource{text_field(file, value, "path"), sha256_field(file, value)};
}

}  // namespace

std::string train_state_to_json(const TrainState& state) {
  const Json corpus = Json::object({{"path", state.corpus.path}, {"sha256", state.corpus.sha256}});
  Json init;
  if (state.init) init = Json::object({{"path", state.init->path}, {"sha256", state.init->sha256}});
  const Json settings = settings_to_json({state.corpus.format, state.options});
  // A path need not be UTF-8; what is not becomes U+FFFD.
  return dump(Json::object({{"command_line", state.command_line}, {"corpus", corpus}, {"init", init}, {"settings", settings}}),
              2) +
         "\n";
}

TrainState train_state_from_json(const std::string& file, std::string_view text) {
  const Json value = parse_json(file, text);
  require_fields_among(file, value, {"command_line", "corpus", "init", "settings"});
  TrainState state;
  state.corpus = corpus_from_json(file, json_field(file, value, "corpus"));
  state.command_line = text_field(file, value, "command_line");
  state.init = init_from_json(file, json_field(file, value, "init"));
  RunSettings settings = settings_from_json(file, json_field(file, value, "settings"));
  state.corpus.format = settings.format;
  state.options = std::move(settings.options);
  return state;
}

}  // namespace microgpt
