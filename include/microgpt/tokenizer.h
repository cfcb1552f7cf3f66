// The character tokenizer: one token for each different code point of the corpus, and BOS.
//
// Tokens are numbered in the order of the sorted code points; BOS, which both begins and ends every document, is the last.
// Mirrors `uchars = sorted(set(''.join(docs)))` and `BOS = len(uchars)` of microgpt.py.
// A Tokenizer does not change after it is made; any number of threads may use it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "microgpt/corpus.h"

namespace microgpt {

using Token = std::int32_t;

// Stands for a character that the vocabulary does not have, where such are marked and not refused.
inline constexpr Token kUnseen = -1;

class Tokenizer {
 public:
  explicit Tokenizer(const Corpus& corpus);

  // Throws Error unless there is a character, all are Unicode scalar values, and each is greater than the one before.
  static Tokenizer from_characters(std::u32string characters);

  // What the tokens 0, 1 ... stand for, BOS excepted; ascending.
  const std::u32string& characters() const { return characters_; }

  std::size_t vocab_size() const { return characters_.size() + 1; }
  Token bos() const { return static_cast<Token>(characters_.size()); }

  // The token of a character, or nothing if the corpus does not have it.
  std::optional<Token> find(char32_t character) const;

  // BOS, the document's characters, BOS; where the document has more than `max_characters`, BOS and so many of them.
  // Throws Error on a character that the corpus does not have.
  std::vector<Token> encode(std::string_view document, std::size_t max_characters = std::string_view::npos) const;

  // UTF-8; BOS becomes nothing. REQUIRES: 0 <= token < vocab_size() for each.
  std::string decode(std::span<const Token> tokens) const;

  // What to show for a token: "BOS", the character itself, or U+XXXX where it has no shape of its own.
  std::string symbol(Token token) const;

 private:
  Tokenizer() = default;
  Token find_or_throw(char32_t character) const;

  std::u32string characters_;  // ascending
};

}  // namespace microgpt
