// SPDX-License-Identifier: MIT
#include "scoring/token_scorer.h"

#include <cmath>

#include "engine/loss.h"
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

double unseen_loss(std::size_t vocab_size) { return uniform_loss(vocab_size) + std::log(static_cast<double>(kCodePoints)); }

std::vector<std::string> symbols_of(const Tokenizer& tokenizer, std::string_view document) {
  const std::string bos = tokenizer.symbol(tokenizer.bos());
  std::vector<std::string> symbols{bos};
  for_each_character(tokenizer.encoding(), document, [&](char32_t c) {
    // A tokenizer that knows this character shows it as any other would.
    symbols.push_back(Tokenizer::from_characters(std::u32string(1, c), tokenizer.encoding()).symbol(0));
    return true;
  });
  symbols.push_back(bos);
  return symbols;
}

}  // namespace microgpt
