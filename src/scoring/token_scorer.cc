// SPDX-License-Identifier: MIT
#include "scoring/token_scorer.h"

#include "text/encoded_text.h"

namespace microgpt {

void TokenScorer::append_text(const Tokenizer& tokenizer, std::string_view piece, const Tokenizer* other) {
  constexpr std::size_t kTokensAtATime = 1024;
  std::array<Token, kTokensAtATime> tokens;
  std::size_t size = 0;
  for_each_character(tokenizer.encoding(), piece, [&](char32_t c) {
    const bool is_known = other == nullptr || other->find(c).has_value();
    tokens[size++] = is_known ? tokenizer.find(c).value_or(kUnseen) : kUnseen;
    if (size == kTokensAtATime) append(tokens);
    size %= kTokensAtATime;
    return true;
  });
  append(std::span(tokens).first(size));
}

}  // namespace microgpt
