// SPDX-License-Identifier: MIT
// Characters of a text in either encoding: code points of UTF-8, or bytes, whose characters are the numbers 0 to 255.
//
// All functions REQUIRE that a text in UTF-8 is valid; bytes always are.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "microgpt/corpus.h"
#include "text/utf8.h"

namespace microgpt {

// Calls visit(character) for each character until it returns false.
template <typename Visit>
void for_each_character(Encoding encoding, std::string_view text, Visit visit) {
  if (encoding == Encoding::utf8) return for_each_character(text, visit);
  for (const char byte : text)
    if (!visit(char32_t{static_cast<unsigned char>(byte)})) return;
}

std::size_t count_characters(Encoding encoding, std::string_view text);

// Where in the text its character number `count` begins; the end of the text where it has no more than so many.
std::size_t offset_of_character(Encoding encoding, std::string_view text, std::size_t count);

// REQUIRES: the encoding has the character.
void append_character(Encoding encoding, std::string& text, char32_t character);

// `text` without the white space at both ends, as Python's str.strip() or bytes.strip() gives it.
std::string_view strip(Encoding encoding, std::string_view text);

}  // namespace microgpt
