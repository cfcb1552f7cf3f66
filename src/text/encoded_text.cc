// SPDX-License-Identifier: MIT
#include "text/encoded_text.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>

namespace microgpt {
namespace {

constexpr std::string_view kAsciiSpaces = " \t\n\r\v\f";

std::string_view strip_bytes(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kAsciiSpaces);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kAsciiSpaces) + 1 - begin);
}

struct Form {
  unsigned lead_mask;
  unsigned lead_bits;
  std::size_t length;
  char32_t smallest;  // a smaller code point in this form is overlong
};

constexpr std::array<Form, 4> kForms{{
    {0x80, 0x00, 1, 0x0},
    {0xE0, 0xC0, 2, 0x80},
    {0xF0, 0xE0, 3, 0x800},
    {0xF8, 0xF0, 4, 0x10000},
}};

unsigned byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

bool is_continuation(unsigned byte) { return (byte & 0xC0) == 0x80; }

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

bool is_scalar_value(char32_t code_point) { return code_point <= 0x10FFFF && (code_point < 0xD800 || code_point > 0xDFFF); }

std::optional<DecodedCharacter> decode_character(std::string_view text, std::size_t at) {
  const unsigned lead = byte_at(text, at);
  if (lead < 0x80) return DecodedCharacter{lead, 1};  // most are ASCII
  const auto form =
      std::find_if(kForms.begin(), kForms.end(), [&](const Form& f) { return (lead & f.lead_mask) == f.lead_bits; });
  if (form == kForms.end() || text.size() - at < form->length) return std::nullopt;
  char32_t code_point = lead & ~form->lead_mask;
  for (std::size_t i = 1; i < form->length; ++i) {
    const unsigned byte = byte_at(text, at + i);
    if (!is_continuation(byte)) return std::nullopt;
    code_point = (code_point << 6) | (byte & 0x3F);
  }
  if (code_point < form->smallest || !is_scalar_value(code_point)) return std::nullopt;
  return DecodedCharacter{code_point, form->length};
}

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto character = decode_character(text, at);
    if (!character) return at;
    at += character->length;
  }
  return std::nullopt;
}

// With the lowest or with the highest continuation bytes it becomes valid, if with any: each range that is excluded (overlong
// forms, surrogates, what is above U+10FFFF) lies at an end of what its first two bytes allow.
bool begins_character(std::string_view bytes) {
  for (const char continuation : {'\x80', '\xBF'}) {
    std::string text(bytes);
    text.append(kForms.size() - bytes.size(), continuation);
    if (const auto character = decode_character(text, 0); character && character->length > bytes.size()) return true;
  }
  return false;
}

std::size_t invalid_utf8_length(std::string_view text, std::size_t at) {
  std::size_t length = 1;
  while (length + 1 < kForms.size() && at + length < text.size() && begins_character(text.substr(at, length + 1))) ++length;
  return length;
}

std::size_t unfinished_utf8(std::string_view text) {
  for (std::size_t length = 1; length < kForms.size() && length <= text.size(); ++length)
    if (begins_character(text.substr(text.size() - length))) return length;
  return 0;
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char byte) { return !is_continuation(static_cast<unsigned char>(byte)); }));
}

void append_utf8(std::string& text, char32_t code_point) {
  const auto push = [&](char32_t byte) { text.push_back(static_cast<char>(static_cast<unsigned char>(byte))); };
  const auto continuation = [&](int shift) { push(0x80 | ((code_point >> shift) & 0x3F)); };
  if (code_point < 0x80) {
    push(code_point);
  } else if (code_point < 0x800) {
    push(0xC0 | (code_point >> 6));
    continuation(0);
  } else if (code_point < 0x10000) {
    push(0xE0 | (code_point >> 12));
    continuation(6);
    continuation(0);
  } else {
    push(0xF0 | (code_point >> 18));
    continuation(12);
    continuation(6);
    continuation(0);
  }
}

std::string encode_utf8(char32_t code_point) {
  std::string text;
  append_utf8(text, code_point);
  return text;
}

bool is_python_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

std::string_view strip(std::string_view text) {
  while (!text.empty()) {
    const auto first = decode_character(text, 0).value();
    if (!is_python_space(first.code_point)) break;
    text.remove_prefix(first.length);
  }
  while (!text.empty()) {
    std::size_t last = text.size() - 1;
    while (is_continuation(byte_at(text, last))) --last;
    if (!is_python_space(decode_character(text, last).value().code_point)) break;
    text.remove_suffix(text.size() - last);
  }
  return text;
}

}  // namespace microgpt
