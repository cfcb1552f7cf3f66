// SPDX-License-Identifier: MIT
#include "microgpt/tokenizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <iterator>
#include <utility>
#include <vector>

#include "microgpt/error.h"
#include "text/encoded_text.h"
#include "text/fold_case.h"

namespace microgpt {
namespace {

bool has_no_shape(Encoding encoding, char32_t c) {
  if (encoding == Encoding::bytes) return c <= 0x20 || c >= 0x7F;
  const bool turns_the_line = (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F);
  const bool is_no_character = (c & 0xFFFE) == 0xFFFE;  // XML, of which pictures are made, does not have some of these
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || is_python_space(c) || turns_the_line || is_no_character || c == 0xFEFF ||
         (c >= 0x300 && c <= 0x36F);
}

std::string code_name(Encoding encoding, char32_t c) {
  const auto number = static_cast<unsigned>(c);
  return encoding == Encoding::bytes ? fmt::format("\\x{:02x}", number) : fmt::format("U+{:04X}", number);
}

std::string describe_character(Encoding encoding, char32_t c) {
  const std::string name = code_name(encoding, c);
  const std::string shown = has_no_shape(encoding, c) ? name : fmt::format("'{}' ({})", encode_utf8(c), name);
  return fmt::format("the {} {}", encoding == Encoding::bytes ? "byte" : "character", shown);
}

void require_character(Encoding encoding, char32_t c) {
  if (encoding == Encoding::bytes && c > 0xFF)
    throw Error(fmt::format("{} is no byte; a vocabulary of bytes has numbers from 0 to 255", code_name(Encoding::utf8, c)));
  if (!is_scalar_value(c))
    throw Error(fmt::format("{} is no character; a vocabulary has Unicode scalar values", code_name(encoding, c)));
}

}  // namespace

Tokenizer::Tokenizer(const Corpus& corpus) : encoding_(corpus.encoding()), folds_case_(corpus.format().fold_case) {
  std::vector<char> seen(256);  // by code point; it grows, as most texts are of the first ones
  std::u32string characters;
  for (std::size_t i = 0; i < corpus.size(); ++i)
    for_each_character(encoding_, corpus[i], [&](char32_t c) {
      if (c >= seen.size()) seen.resize(std::bit_ceil(c + std::size_t{1}));
      if (!seen[c]) characters.push_back(c);
      seen[c] = true;
      return true;
    });
  std::sort(characters.begin(), characters.end());
  set_characters(std::move(characters));
}

Tokenizer Tokenizer::from_characters(std::u32string characters, Encoding encoding, bool folds_case) {
  if (characters.empty()) throw Error("the vocabulary has no characters; it needs at least one");
  for (std::size_t i = 0; i < characters.size(); ++i) {
    require_character(encoding, characters[i]);
    if (i > 0 && characters[i] <= characters[i - 1])
      throw Error(fmt::format("{} comes after {} in the vocabulary; its characters must ascend, each once",
                              code_name(encoding, characters[i]), code_name(encoding, characters[i - 1])));
  }
  Tokenizer tokenizer(encoding, folds_case);
  tokenizer.set_characters(std::move(characters));
  return tokenizer;
}

Tokenizer Tokenizer::merge(const Tokenizer& a, const Tokenizer& b) {
  assert(a.encoding_ == b.encoding_ && a.folds_case_ == b.folds_case_);
  std::u32string characters;
  std::set_union(a.characters_.begin(), a.characters_.end(), b.characters_.begin(), b.characters_.end(),
                 std::back_inserter(characters));
  return from_characters(std::move(characters), a.encoding_, a.folds_case_);
}

void Tokenizer::set_characters(std::u32string characters) {
  characters_ = std::move(characters);
  tokens_.fill(kUnseen);
  for (std::size_t i = 0; i < characters_.size() && characters_[i] < tokens_.size(); ++i)
    tokens_[characters_[i]] = static_cast<Token>(i);
  if (!folds_case_) return;
  for (char32_t c = 0; c < tokens_.size(); ++c)
    if (lower_case(c) != c) tokens_[c] = find_as_it_is(lower_case(c)).value_or(kUnseen);
}

std::optional<Token> Tokenizer::find(char32_t character) const {
  return find_as_it_is(folds_case_ && character >= tokens_.size() ? lower_case(character) : character);
}

std::optional<Token> Tokenizer::find_as_it_is(char32_t character) const {
  if (character < tokens_.size()) {
    const Token token = tokens_[character];
    return token == kUnseen ? std::nullopt : std::optional(token);
  }
  const auto found = std::lower_bound(characters_.begin(), characters_.end(), character);
  if (found == characters_.end() || *found != character) return std::nullopt;
  return static_cast<Token>(found - characters_.begin());
}

std::vector<Token> Tokenizer::encode(std::string_view document, std::size_t max_characters) const {
  std::vector<Token> tokens{bos()};
  bool complete = true;
  for_each_character(encoding_, document, [&](char32_t c) {
    complete = tokens.size() <= max_characters;
    if (complete) tokens.push_back(find_or_throw(c));
    return complete;
  });
  if (complete) tokens.push_back(bos());
  return tokens;
}

std::vector<Token> Tokenizer::encode_marking_unseen(std::string_view document) const {
  std::vector<Token> tokens{bos()};
  for_each_character(encoding_, document, [&](char32_t c) {
    tokens.push_back(find(c).value_or(kUnseen));
    return true;
  });
  tokens.push_back(bos());
  return tokens;
}

void Tokenizer::for_each_token(std::string_view document, const std::function<void(Token)>& take) const {
  for_each_character(encoding_, document, [&](char32_t c) {
    take(find_or_throw(c));
    return true;
  });
}

Token Tokenizer::find_or_throw(char32_t character) const {
  const auto token = find(character);
  if (!token)
    throw Error(fmt::format("{} does not occur in the corpus of the model", describe_character(encoding_, character)));
  return *token;
}

std::string Tokenizer::decode(std::span<const Token> tokens) const {
  std::string text;
  for (const Token token : tokens) {
    assert(token >= 0 && token <= bos());
    if (token != bos()) append_character(encoding_, text, characters_[static_cast<std::size_t>(token)]);
  }
  return text;
}

std::string Tokenizer::symbol(Token token) const {
  if (token == bos()) return "BOS";
  const char32_t c = characters_[static_cast<std::size_t>(token)];
  return has_no_shape(encoding_, c) ? code_name(encoding_, c) : encode_utf8(c);
}

}  // namespace microgpt
