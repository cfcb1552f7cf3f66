// SPDX-License-Identifier: MIT
#include "scoring/unseen.h"

#include <cmath>

#include "engine/mean_loss.h"
#include "text/encoded_text.h"

namespace microgpt {

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
