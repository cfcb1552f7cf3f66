// SPDX-License-Identifier: MIT
#include "scoring/token_scorer.h"

#include "text/encoded_text.h"

namespace microgpt {

void TokenScorer::append_text(const Tokenizer& tokenizer, std::string_view piece, const Tokenizer* other) {
  constexpr std::size_t kChunk = 1024;
  std::array<Token, kChunk> tokens;
  std::size_t size = 0;
  for_each_character(tokenizer.encoding(), piece, [&](char32_t c) {
    const bool is_known = other == nullptr || other->find(c).has_value();
    tokens[size++] = is_known ? tokenizer.find(c).value_or(kUnseen) : kUnseen;
    if (size == kChunk) append(tokens);
    size %= kChunk;
    return true;
  });
  append(std::span(tokens).first(size));
}

}  // namespace microgpt
