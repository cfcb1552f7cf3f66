// SPDX-License-Identifier: MIT
// Characters of a text in either encoding: code points of UTF-8, or bytes, whose characters are the numbers 0 to 255.
//
// All functions REQUIRE that a text in UTF-8 is valid; bytes always are.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "microgpt/corpus.h"

namespace microgpt {

// UTF-8 as Python's strict codec reads it: no overlong forms, no surrogates, nothing above U+10FFFF.

inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
inline constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";  // U+FFFD, in the place of what is not valid

// Whether Unicode permits a character of this number: one up to U+10FFFF that is no surrogate.
bool is_scalar_value(char32_t code_point);

struct DecodedCharacter {
  char32_t code_point;
  std::size_t length;  // in bytes
};

// The character that starts at byte `at`, or nothing where the bytes are not valid UTF-8. REQUIRES: at < text.size().
std::optional<DecodedCharacter> decode_character(std::string_view text, std::size_t at);

// The offset of the first byte that starts no valid character.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

// Whether more bytes could make a valid character of these, which are none yet. REQUIRES: 1 to 3 bytes.
bool begins_character(std::string_view bytes);

// How many bytes to take as one where no valid character starts at `at`: as many as begin one, or else a single one.
// REQUIRES: decode_character(text, at) is nothing.
std::size_t invalid_utf8_length(std::string_view text, std::size_t at);

// How many bytes at the end begin a character that is not whole, 0 to 3.
std::size_t unfinished_utf8(std::string_view text);

// Calls visit(code_point) for each character until it returns false. REQUIRES: text is valid UTF-8.
template <typename Visit>
void for_each_character(std::string_view text, Visit visit) {
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);  // most are ASCII
    const DecodedCharacter character = byte < 0x80 ? DecodedCharacter{byte, 1} : decode_character(text, at).value();
    if (!visit(character.code_point)) return;
    at += character.length;
  }
}

// REQUIRES: text is valid UTF-8.
std::size_t count_characters(std::string_view text);

void append_utf8(std::string& text, char32_t code_point);
std::string encode_utf8(char32_t code_point);

// The characters that Python's str.strip() removes.
bool is_python_space(char32_t code_point);

// `text` without the white space at both ends, as str.strip() gives it. REQUIRES: text is valid UTF-8.
std::string_view strip(std::string_view text);

// The same in either encoding.

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
