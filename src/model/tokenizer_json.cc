// SPDX-License-Identifier: MIT
#include "model/tokenizer_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "io/file.h"
#include "io/json.h"
#include "microgpt/error.h"
#include "text/encoded_text.h"

namespace microgpt {
namespace {

constexpr std::size_t kBytes = 256;
constexpr char32_t kLastCharacter = 0x10FFFF;

std::u32string characters_of(std::string_view text) {
  std::u32string characters;
  for_each_character(text, [&](char32_t c) {
    characters.push_back(c);
    return true;
  });
  return characters;
}

bool is_printable_byte(std::size_t byte) { return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD); }

// The characters that stand for the bytes in the schema, as GPT-2 has them: those that can be seen for themselves, and the
// others, in their order, for those from U+0100 on.
std::array<char32_t, kBytes> characters_of_bytes() {
  std::array<char32_t, kBytes> characters{};
  auto next = static_cast<char32_t>(kBytes);
  for (std::size_t byte = 0; byte < kBytes; ++byte)
    characters[byte] = is_printable_byte(byte) ? static_cast<char32_t>(byte) : next++;
  return characters;
}

// Whether a text of the vocabulary's characters can be this one.
bool can_spell(const Tokenizer& tokenizer, std::string_view text) {
  bool can = true;
  for_each_character(tokenizer.encoding(), text, [&](char32_t c) { return can = tokenizer.find(c).has_value(); });
  return can;
}

std::string name_with(char32_t character) { return "<BOS" + encode_utf8(character) + ">"; }

// The schema, but for the vocabulary.
Json special_token(Token bos, const std::string& name) {
  return Json::object({{"id", bos},
                       {"content", name},
                       {"single_word", false},
                       {"lstrip", false},
                       {"rstrip", false},
                       {"normalized", false},
                       {"special", true}});
}

// On the side of the text, and, with other names for the same, on that of the tokens.
Json byte_level() {
  return Json::object({{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", false}});
}

Json template_part(const char* kind, const std::string& id) {
  return Json::object({{kind, Json::object({{"id", id}, {"type_id", 0}})}});
}

// BOS before each text. The BOS behind it is what a model predicts, and no part of what it is given.
Json post_processor(Token bos, const std::string& name) {
  const Json begin = template_part("SpecialToken", name), a = template_part("Sequence", "A"),
             b = template_part("Sequence", "B");
  const Json special = Json::object({{"id", name}, {"ids", Json::array({bos})}, {"tokens", Json::array({name})}});
  return Json::object({{"type", "TemplateProcessing"},
                       {"single", Json::array({begin, a})},
                       {"pair", Json::array({begin, a, begin, b})},
                       {"special_tokens", Json::object({{name, special}})}});
}

// Without merges each token is one character, whatever stands beside it; what is not known becomes BOS, each character by
// itself.
Json bpe(const std::string& name, Json vocab) {
  return Json::object({{"type", "BPE"},
                       {"dropout", nullptr},
                       {"unk_token", name},
                       {"continuing_subword_prefix", nullptr},
                       {"end_of_word_suffix", nullptr},
                       {"fuse_unk", false},
                       {"byte_fallback", false},
                       {"ignore_merges", false},
                       {"vocab", std::move(vocab)},
                       {"merges", Json::array()}});
}

Json tokenizer_json(const Tokenizer& tokenizer, const std::string& name, Json vocab) {
  const bool is_bytes = tokenizer.encoding() == Encoding::bytes;
  return Json::object({{"version", "1.0"},
                       {"truncation", nullptr},
                       {"padding", nullptr},
                       {"added_tokens", Json::array({special_token(tokenizer.bos(), name)})},
                       {"normalizer", tokenizer.folds_case() ? Json::object({{"type", "Lowercase"}}) : Json()},
                       {"pre_tokenizer", is_bytes ? byte_level() : Json()},
                       {"post_processor", post_processor(tokenizer.bos(), name)},
                       {"decoder", is_bytes ? byte_level() : Json::object({{"type", "Fuse"}})},
                       {"model", bpe(name, std::move(vocab))}});
}

Json vocab_json(const Tokenizer& tokenizer, const std::string& name) {
  const std::array<char32_t, kBytes> of_bytes = characters_of_bytes();
  Json::Object vocab;
  vocab.reserve(tokenizer.vocab_size());
  for (const char32_t c : tokenizer.characters())
    vocab.push_back({encode_utf8(tokenizer.encoding() == Encoding::bytes ? of_bytes[c] : c), vocab.size()});
  vocab.push_back({name, tokenizer.bos()});
  return Json::object_of(std::move(vocab));
}

// Throws where a value is not the expected one, and names the innermost field that differs, such as "model.unk_token".
void require_same(const std::string& file, const std::string& field, const Json& value, const Json& expected);

std::string name_within(const std::string& field, const std::string& name) { return field.empty() ? name : field + "." + name; }

void require_same_fields(const std::string& file, const std::string& field, const Json& value, const Json& expected) {
  const std::string where = field.empty() ? file : fmt::format("{}: {}", file, field);
  for (const Json::Field& each : value.fields())
    if (expected.find(each.name) == nullptr) throw damaged(fmt::format("{} has the unknown field {}", where, quote(each.name)));
  for (const Json::Field& each : expected.fields())
    require_same(file, name_within(field, each.name), json_field(where, value, each.name), each.value);
}

void require_same(const std::string& file, const std::string& field, const Json& value, const Json& expected) {
  if (value.is_object() && expected.is_object()) return require_same_fields(file, field, value, expected);
  if (value.is_array() && expected.is_array() && value.elements().size() == expected.elements().size()) {
    for (std::size_t i = 0; i < expected.elements().size(); ++i)
      require_same(file, fmt::format("{}[{}]", field, i), value.elements()[i], expected.elements()[i]);
    return;
  }
  if (!(value == expected)) throw damaged(fmt::format("{}: {} is {}, and not {}", file, field, brief(value), brief(expected)));
}

// The names of the tokens, by their numbers. `where` is the field.
std::vector<const std::string*> names_of_tokens(const std::string& where, const Json& vocab) {
  if (!vocab.is_object()) throw damaged(fmt::format("{} is no JSON object", where));
  std::vector<const std::string*> names(vocab.fields().size());
  for (const auto& [name, token] : vocab.fields()) {
    const bool is_new = token.is_whole() && token.whole() < names.size() && names[token.whole()] == nullptr;
    if (!is_new)
      throw damaged(fmt::format("{}: the token of {} is {}; tokens are the numbers from 0 to {}, each once", where, quote(name),
                                brief(token), names.size() - 1));
    names[token.whole()] = &name;
  }
  if (names.size() < 2) throw damaged(fmt::format("{} has not two tokens, a character and BOS", where));
  return names;
}

// The character or byte that a token stands for by its name.
std::optional<char32_t> character_of(std::string_view name, Encoding encoding,
                                     const std::array<char32_t, kBytes>& characters_of_bytes) {
  const std::u32string characters = characters_of(name);
  if (characters.size() != 1) return std::nullopt;
  if (encoding == Encoding::utf8) return characters.front();
  const auto found = std::find(characters_of_bytes.begin(), characters_of_bytes.end(), characters.front());
  if (found == characters_of_bytes.end()) return std::nullopt;
  return static_cast<char32_t>(found - characters_of_bytes.begin());
}

std::u32string characters_named(const std::string& where, const std::vector<const std::string*>& names, Encoding encoding) {
  const std::array<char32_t, kBytes> of_bytes = characters_of_bytes();
  std::u32string characters;
  for (std::size_t token = 0; token + 1 < names.size(); ++token) {
    const auto character = character_of(*names[token], encoding, of_bytes);
    if (!character)
      throw damaged(fmt::format("{}: {}, the token {}, is not the name of one {}", where, quote(*names[token]), token,
                                encoding == Encoding::bytes ? "byte" : "character"));
    characters.push_back(*character);
  }
  return characters;
}

Tokenizer tokenizer_of(const std::string& where, std::u32string characters, Encoding encoding, bool folds_case) {
  try {
    return Tokenizer::from_characters(std::move(characters), encoding, folds_case);
  } catch (const Error& error) {
    throw damaged(fmt::format("{}: {}", where, error.what()));
  }
}

Tokenizer tokenizer_in(const std::string& file, Json value) {
  require_fields_among(file, value,
                       {"version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor",
                        "decoder", "model"});
  const Encoding encoding = json_field(file, value, "pre_tokenizer").is_null() ? Encoding::utf8 : Encoding::bytes;
  const std::string where = file + ": model.vocab";
  const Json& vocab = json_field(file + ": model", json_field(file, value, "model"), "vocab");
  const std::vector<const std::string*> names = names_of_tokens(where, vocab);
  const bool folds_case = encoding == Encoding::utf8 && !json_field(file, value, "normalizer").is_null();
  Tokenizer tokenizer = tokenizer_of(where, characters_named(where, names, encoding), encoding, folds_case);
  const std::string name = *names.back();
  value["model"]["vocab"] = nullptr;
  require_same(file, "", value, tokenizer_json(tokenizer, name, nullptr));
  return tokenizer;
}

// As earlier versions wrote it: the type is that of the vocabulary, which the field of that name has.
bool is_former(const Json& value) { return value.find("type") != nullptr || value.find("bos") != nullptr; }

Encoding former_encoding(const std::string& file, const Json& value) {
  const std::string type = text_field(file, value, "type");
  if (type != "characters" && type != "bytes")
    throw damaged(fmt::format("{}: type is {}, and not \"characters\" or \"bytes\"", file, quote(type)));
  return type == "bytes" ? Encoding::bytes : Encoding::utf8;
}

Tokenizer former_tokenizer_in(const std::string& file, const Json& value) {
  require_fields_among(file, value, {"type", "characters", "bytes", "bos"});
  const Encoding encoding = former_encoding(file, value);
  const std::string_view type = encoding == Encoding::bytes ? "bytes" : "characters";
  require_fields_among(file, value, {"type", type, "bos"});
  std::u32string characters = characters_of(text_field(file, value, type));
  const std::uint64_t bos = integer_field(file, value, "bos");
  if (bos != characters.size())
    throw damaged(fmt::format("{}: BOS is the token {}, and not {}, the last", file, bos, characters.size()));
  return tokenizer_of(file, std::move(characters), encoding, false);
}

}  // namespace

// The characters from the last one on: those are no text's, and the first is not even one that texts may interchange.
std::string bos_name(const Tokenizer& tokenizer) {
  std::string name = "<BOS>";
  if (!can_spell(tokenizer, name)) return name;
  for (char32_t c = kLastCharacter; c > 0; --c)
    if (is_scalar_value(c) && !can_spell(tokenizer, encode_utf8(c))) return name_with(c);
  return name_with(kLastCharacter);
}

std::string tokenizer_to_json(const Tokenizer& tokenizer) {
  const std::string name = bos_name(tokenizer);
  return file_text(tokenizer_json(tokenizer, name, vocab_json(tokenizer, name)));
}

std::string tokenizer_config_to_json(const Tokenizer& tokenizer) {
  const std::string name = bos_name(tokenizer);
  return file_text(Json::object({{"tokenizer_class", "PreTrainedTokenizerFast"},
                                 {"bos_token", name},
                                 {"eos_token", name},
                                 {"unk_token", name},
                                 {"add_bos_token", true},
                                 {"clean_up_tokenization_spaces", false}}));
}

Tokenizer tokenizer_from_json(const std::string& file, std::string_view text) {
  Json value = parse_json(file, text);
  return is_former(value) ? former_tokenizer_in(file, value) : tokenizer_in(file, std::move(value));
}

}  // namespace microgpt
