// SPDX-License-Identifier: MIT
// The character tokenizer: one token for each different character of the corpus, and BOS.
//
// A character is a code point or a byte, as the encoding of the corpus says; see microgpt/corpus.h. Tokens are numbered in the
// order of the sorted characters; BOS, which both begins and ends every document, is the last.
// Mirrors `uchars = sorted(set(''.join(docs)))` and `BOS = len(uchars)` of microgpt.py.
// One of a corpus whose case is folded folds that of what it is given, and has no characters that are not their own lower case.
// A Tokenizer does not change after it is made; any number of threads may use it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "microgpt/corpus.h"
#include "microgpt/export.h"
#include "microgpt/token.h"

namespace microgpt {

// Stands for a character that the corpus did not have. No token: it must not be given to an engine.
inline constexpr Token kUnseen = -1;

class MICROGPT_API Tokenizer {
 public:
  explicit Tokenizer(const Corpus& corpus);

  // Throws Error unless there is a character, all are Unicode scalar values or, where the encoding is bytes, below 256, and
  // each is greater than the one before.
  static Tokenizer from_characters(std::u32string characters, Encoding encoding = Encoding::utf8, bool folds_case = false);

  // The characters of both. REQUIRES: they are of the same encoding, and both fold case or neither.
  static Tokenizer merge(const Tokenizer& a, const Tokenizer& b);

  Encoding encoding() const { return encoding_; }
  bool folds_case() const { return folds_case_; }

  // What the tokens 0, 1 ... stand for, BOS excepted; ascending.
  const std::u32string& characters() const { return characters_; }

  std::size_t vocab_size() const { return characters_.size() + 1; }
  Token bos() const { return static_cast<Token>(characters_.size()); }

  // The token of a character, in whichever case if case is folded, or nothing if the corpus does not have it.
  std::optional<Token> find(char32_t character) const;

  // All of these REQUIRE of a document in UTF-8 that it is valid. Those that throw throw Error on a character that the corpus
  // does not have.

  // BOS, the document's characters, BOS; where the document has more than `max_characters`, BOS and so many of them. Throws.
  std::vector<Token> encode(std::string_view document, std::size_t max_characters = std::string_view::npos) const;

  // The same for all of the document, with kUnseen for each character that the corpus does not have.
  std::vector<Token> encode_marking_unseen(std::string_view document) const;

  // Calls take(token) for each character of the document, without BOS: for documents that are as long as memory. Throws.
  void for_each_token(std::string_view document, const std::function<void(Token)>& take) const;

  // In the encoding of the corpus; BOS becomes nothing. REQUIRES: 0 <= token < vocab_size() for each.
  std::string decode(std::span<const Token> tokens) const;

  // What to show for a token: "BOS", the character itself, or its number in hexadecimal where it has no shape of its own.
  std::string symbol(Token token) const;

 private:
  Tokenizer(Encoding encoding, bool folds_case) : encoding_(encoding), folds_case_(folds_case) {}
  void set_characters(std::u32string characters);
  std::optional<Token> find_as_it_is(char32_t character) const;
  Token find_or_throw(char32_t character) const;

  Encoding encoding_;
  bool folds_case_ = false;
  std::u32string characters_;      // ascending
  std::array<Token, 256> tokens_;  // of the first 256 characters, kUnseen where there is none: most texts are of these
};

}  // namespace microgpt
