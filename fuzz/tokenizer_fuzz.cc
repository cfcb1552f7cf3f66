// SPDX-License-Identifier: MIT
// Any characters are a vocabulary or an Error; with one, any document is encoded and decoded as the header promises.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "fuzz.h"
#include "microgpt/tokenizer.h"
#include "model/tokenizer_json.h"
#include "scoring/token_scorer.h"
#include "text/encoded_text.h"

namespace microgpt::fuzz {
namespace {

std::u32string characters_of(std::string_view text, Encoding encoding) {
  std::u32string characters;
  if (encoding == Encoding::bytes) {
    for (const char byte : text) characters.push_back(static_cast<unsigned char>(byte));
  } else {
    for_each_character(text, [&](char32_t c) {
      characters.push_back(c);
      return true;
    });
  }
  return characters;
}

void check_document(const Tokenizer& tokenizer, std::string_view document) {
  const std::vector<Token> marked = tokenizer.encode_marking_unseen(document);
  const std::u32string characters = characters_of(document, tokenizer.encoding());
  require(marked.size() == characters.size() + 2 && marked.front() == tokenizer.bos() && marked.back() == tokenizer.bos());
  for (std::size_t i = 0; i < characters.size(); ++i) require(tokenizer.find(characters[i]).value_or(kUnseen) == marked[i + 1]);
  require(symbols_of(tokenizer, document).size() == marked.size());

  const bool is_known = std::find(marked.begin(), marked.end(), kUnseen) == marked.end();
  bool is_encoded = false;
  allow_error([&] {
    const std::vector<Token> tokens = tokenizer.encode(document);
    require(tokens == marked && tokenizer.decode(tokens) == document);
    is_encoded = true;
  });
  require(is_encoded == is_known);
}

void check_tokenizer(const Tokenizer& tokenizer, std::string_view document) {
  require(tokenizer.vocab_size() == tokenizer.characters().size() + 1);
  const Tokenizer again = tokenizer_from_json("input", tokenizer_to_json(tokenizer));
  require(again.characters() == tokenizer.characters() && again.encoding() == tokenizer.encoding());
  require(Tokenizer::merge(tokenizer, again).characters() == tokenizer.characters());
  if (tokenizer.encoding() == Encoding::bytes || !find_invalid_utf8(document)) check_document(tokenizer, document);
}

}  // namespace
}  // namespace microgpt::fuzz

// A byte for the encoding, characters up to a zero byte, and a document.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace microgpt;
  fuzz::Input input(data, size);
  const Encoding encoding = input.byte() % 2 == 0 ? Encoding::utf8 : Encoding::bytes;
  const std::string_view text = input.text();
  if (encoding == Encoding::utf8 && find_invalid_utf8(text)) return 0;
  std::u32string characters = fuzz::characters_of(text, encoding);
  fuzz::allow_error([&] { fuzz::check_tokenizer(Tokenizer::from_characters(characters, encoding), input.rest()); });
  std::sort(characters.begin(), characters.end());
  characters.erase(std::unique(characters.begin(), characters.end()), characters.end());
  fuzz::allow_error([&] { fuzz::check_tokenizer(Tokenizer::from_characters(characters, encoding), input.rest()); });
  return 0;
}
