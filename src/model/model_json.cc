// SPDX-License-Identifier: MIT
#include "model/model_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "io/file.h"
#include "io/json.h"
#include "microgpt/error.h"
#include "model/activation_names.h"
#include "text/encoded_text.h"

namespace microgpt {
namespace {

constexpr std::string_view kModelType = "microgpt";

// What a tokenizer of this encoding is called, and the field that has its vocabulary.
std::string_view tokenizer_type(Encoding encoding) { return encoding == Encoding::bytes ? "bytes" : "characters"; }

// ASCII, so that no editor or transfer composes or decomposes a character on the way.
std::string to_text(const Json& value) { return dump(value, 2) + "\n"; }

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

Encoding encoding_field(const std::string& file, const Json& value) {
  const std::string type = text_field(file, value, "type");
  for (const Encoding encoding : {Encoding::utf8, Encoding::bytes})
    if (type == tokenizer_type(encoding)) return encoding;
  throw damaged(fmt::format("{}: type is {}, and not \"characters\" or \"bytes\"", file, quote(type)));
}

std::u32string decode(std::string_view text) {
  std::u32string characters;
  for_each_character(text, [&](char32_t c) {
    characters.push_back(c);
    return true;
  });
  return characters;
}

std::string encode(std::u32string_view characters) {
  std::string text;
  for (const char32_t c : characters) append_utf8(text, c);
  return text;
}

}  // namespace

std::string config_to_json(const Config& config) {
  return to_text(Json::object({{"model_type", kModelType},
                               {"vocab_size", config.vocab_size},
                               {"n_layer", config.n_layer},
                               {"n_embd", config.n_embd},
                               {"n_head", config.n_head},
                               {"block_size", config.block_size},
                               {"activation", name_of(config.activation)}}));
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
  return {config, std::move(unknown)};
}

std::string tokenizer_to_json(const Tokenizer& tokenizer) {
  const std::string_view type = tokenizer_type(tokenizer.encoding());
  return to_text(Json::object({{"type", type}, {std::string(type), encode(tokenizer.characters())}, {"bos", tokenizer.bos()}}));
}

Tokenizer tokenizer_from_json(const std::string& file, std::string_view text) {
  const Json value = parse_json(file, text);
  require_fields_among(file, value, {"type", "characters", "bytes", "bos"});
  const Encoding encoding = encoding_field(file, value);
  const std::string_view type = tokenizer_type(encoding);
  require_fields_among(file, value, {"type", type, "bos"});
  std::u32string characters = decode(text_field(file, value, type));
  const std::uint64_t bos = integer_field(file, value, "bos");
  if (bos != characters.size())
    throw damaged(fmt::format("{}: BOS is the token {}, and not {}, the last", file, bos, characters.size()));
  try {
    return Tokenizer::from_characters(std::move(characters), encoding);
  } catch (const Error& error) {
    throw damaged(fmt::format("{}: {}", file, error.what()));
  }
}

}  // namespace microgpt
