// SPDX-License-Identifier: MIT
#include "model/model_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "io/file.h"
#include "microgpt/error.h"
#include "model/activation_names.h"

namespace microgpt {
namespace {

constexpr std::string_view kModelType = "microgpt";

void require_type(const std::string& file, const Json& value, std::string_view key, std::string_view expected) {
  const std::string type = text_field(file, value, key);
  if (type != expected) throw damaged(fmt::format("{}: {} is {}, and not {}", file, key, quote(type), quote(expected)));
}

std::string_view name_of(Activation activation) {
  const auto has_it = [&](const Named<Activation>& entry) { return entry.value == activation; };
  return std::find_if(kActivationNames.begin(), kActivationNames.end(), has_it)->name;
}

Activation activation_field(const std::string& file, const Json& value) {
  const std::string text = text_field(file, value, "activation");
  for (const auto& [activation, name] : kActivationNames)
    if (name == text) return activation;
  throw damaged(fmt::format("{}: there is no activation {}", file, quote(text)));
}

// What is said for other programs alone: all of it follows from the rest.
Json fields_for_others(const Config& config) {
  const std::size_t bos = config.vocab_size - 1;
  return Json::object(
      {{"bos_token_id", bos}, {"eos_token_id", bos}, {"tie_word_embeddings", false}, {"rms_norm_eps", kNormEpsilon}});
}

// Takes the names of those away that say what they must.
void remove_known(std::vector<std::string>& names, const Json& value, const Json& known) {
  std::erase_if(names, [&](const std::string& name) {
    const Json* const expected = known.find(name);
    return expected != nullptr && *value.find(name) == *expected;
  });
}

}  // namespace

Json config_fields(const Config& config) {
  return Json::object({{"model_type", kModelType},
                       {"vocab_size", config.vocab_size},
                       {"n_layer", config.n_layer},
                       {"n_embd", config.n_embd},
                       {"n_head", config.n_head},
                       {"block_size", config.block_size},
                       {"activation", name_of(config.activation)}});
}

std::string config_to_json(const Config& config) {
  Json json = config_fields(config);
  json.append(fields_for_others(config));
  return file_text(json);
}

ConfigFile config_from_json(const std::string& file, std::string_view text) {
  const Json value = parse_json(file, text);
  std::vector<std::string> unknown =
      fields_not_among(file, value, {"model_type", "vocab_size", "n_layer", "n_embd", "n_head", "block_size", "activation"});
  require_type(file, value, "model_type", kModelType);
  Config config;
  config.vocab_size = integer_field(file, value, "vocab_size");
  config.n_layer = integer_field(file, value, "n_layer");
  config.n_embd = integer_field(file, value, "n_embd");
  config.n_head = integer_field(file, value, "n_head");
  config.block_size = integer_field(file, value, "block_size");
  config.activation = activation_field(file, value);
  try {
    validate(config);
  } catch (const ConfigError& error) {
    throw damaged(fmt::format("{}: {}", file, error.what()));
  }
  remove_known(unknown, value, fields_for_others(config));
  return {config, std::move(unknown)};
}

}  // namespace microgpt
