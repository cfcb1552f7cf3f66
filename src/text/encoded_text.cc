// SPDX-License-Identifier: MIT
#include "text/encoded_text.h"

#include <algorithm>
#include <cassert>

namespace microgpt {
namespace {

constexpr std::string_view kAsciiSpaces = " \t\n\r\v\f";

std::string_view strip_bytes(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kAsciiSpaces);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kAsciiSpaces) + 1 - begin);
}

}  // namespace

std::size_t count_characters(Encoding encoding, std::string_view text) {
  return encoding == Encoding::utf8 ? count_characters(text) : text.size();
}

std::size_t offset_of_character(Encoding encoding, std::string_view text, std::size_t count) {
  if (encoding == Encoding::bytes) return std::min(count, text.size());
  std::size_t at = 0;
  for (; count > 0 && at < text.size(); --count) at += decode_character(text, at).value().length;
  return at;
}

void append_character(Encoding encoding, std::string& text, char32_t character) {
  if (encoding == Encoding::utf8) return append_utf8(text, character);
  assert(character <= 0xFF);
  text.push_back(static_cast<char>(static_cast<unsigned char>(character)));
}

std::string_view strip(Encoding encoding, std::string_view text) {
  return encoding == Encoding::utf8 ? strip(text) : strip_bytes(text);
}

}  // namespace microgpt
