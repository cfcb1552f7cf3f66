#include "microgpt/tokenizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <utility>
#include <vector>

#include "microgpt/error.h"
#include "text/utf8.h"

namespace microgpt {
namespace {

bool has_no_shape(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || is_python_space(c) || (c >= 0x200B && c <= 0x200F) || c == 0xFEFF ||
         (c >= 0x300 && c <= 0x36F);
}

std::string code_point_name(char32_t c) { return fmt::format("U+{:04X}", static_cast<unsigned>(c)); }

std::string describe_character(char32_t c) {
  return has_no_shape(c) ? code_point_name(c) : fmt::format("'{}' ({})", encode_utf8(c), code_point_name(c));
}

}  // namespace

Tokenizer::Tokenizer(const Corpus& corpus) {
  constexpr std::size_t kCodePoints = 0x110000;
  std::vector<bool> seen(kCodePoints);
  for (std::size_t i = 0; i < corpus.size(); ++i)
    for_each_character(corpus[i], [&](char32_t c) {
      if (!seen[c]) characters_.push_back(c);
      return seen[c] = true;
    });
  std::sort(characters_.begin(), characters_.end());
}

Tokenizer Tokenizer::from_characters(std::u32string characters) {
  if (characters.empty()) throw Error("the vocabulary has no characters; it needs at least one");
  for (std::size_t i = 0; i < characters.size(); ++i) {
    if (!is_scalar_value(characters[i]))
      throw Error(fmt::format("{} is no character; a vocabulary has Unicode scalar values", code_point_name(characters[i])));
    if (i > 0 && characters[i] <= characters[i - 1])
      throw Error(fmt::format("{} comes after {} in the vocabulary; its characters must ascend, each once",
                              code_point_name(characters[i]), code_point_name(characters[i - 1])));
  }
  Tokenizer tokenizer;
  tokenizer.characters_ = std::move(characters);
  return tokenizer;
}

std::optional<Token> Tokenizer::find(char32_t character) const {
  const auto found = std::lower_bound(characters_.begin(), characters_.end(), character);
  if (found == characters_.end() || *found != character) return std::nullopt;
  return static_cast<Token>(found - characters_.begin());
}

std::vector<Token> Tokenizer::encode(std::string_view document, std::size_t max_characters) const {
  std::vector<Token> tokens{bos()};
  bool complete = true;
  for_each_character(document, [&](char32_t c) {
    complete = tokens.size() <= max_characters;
    if (complete) tokens.push_back(find_or_throw(c));
    return complete;
  });
  if (complete) tokens.push_back(bos());
  return tokens;
}

Token Tokenizer::find_or_throw(char32_t character) const {
  const auto token = find(character);
  if (!token)
    throw Error(fmt::format("the character {} does not occur in the corpus of the model", describe_character(character)));
  return *token;
}

std::string Tokenizer::decode(std::span<const Token> tokens) const {
  std::string text;
  for (const Token token : tokens) {
    assert(token >= 0 && token <= bos());
    if (token != bos()) append_utf8(text, characters_[static_cast<std::size_t>(token)]);
  }
  return text;
}

std::string Tokenizer::symbol(Token token) const {
  if (token == bos()) return "BOS";
  const char32_t c = characters_[static_cast<std::size_t>(token)];
  return has_no_shape(c) ? code_point_name(c) : encode_utf8(c);
}

}  // namespace microgpt
