// SPDX-License-Identifier: MIT
#include "report/markdown.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>
#include <vector>

#include "io/file.h"
#include "text/encoded_text.h"

namespace microgpt {
namespace {

constexpr char32_t kReplacement = U'\uFFFD';

// Controls, line and paragraph separators, a byte order mark, and what is no character at all.
bool is_printable(char32_t c) {
  return c >= 0x20 && !(c >= 0x7F && c < 0xA0) && c != 0x2028 && c != 0x2029 && c != 0xFEFF && (c & 0xFFFE) != 0xFFFE;
}

// Calls take(character, bytes) for each character, and for each byte that begins none with the replacement.
template <typename Take>
void for_each_printable(std::string_view text, Take take) {
  for (std::size_t at = 0; at < text.size();) {
    const auto character = decode_character(text, at);
    const std::size_t length = character ? character->length : 1;
    take(character && is_printable(character->code_point) ? character->code_point : kReplacement, text.substr(at, length));
    at += length;
  }
}

std::string escaped(std::string_view text, std::string_view special) {
  std::string result;
  for_each_printable(text, [&](char32_t c, std::string_view) {
    if (c < 0x80 && special.find(static_cast<char>(c)) != std::string_view::npos) result += '\\';
    append_utf8(result, c);
  });
  return result;
}

bool is_plain(std::string_view word) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:,=+@%";
  return !word.empty() && word.find_first_not_of(kPlain) == std::string_view::npos;
}

std::string shell_word(std::string_view word) {
  if (is_plain(word)) return std::string(word);
  bool prints = true;
  std::string quoted;   // '...', with a quote as '\''
  std::string escaped;  // $'...'
  for_each_printable(word, [&](char32_t c, std::string_view bytes) {
    if (c == kReplacement && bytes != "\xEF\xBF\xBD") {
      prints = false;
      for (const char byte : bytes) escaped += fmt::format("\\{:03o}", static_cast<unsigned char>(byte));
      return;
    }
    quoted += bytes == "'" ? "'\\''" : bytes;
    escaped += bytes == "'" || bytes == "\\" ? "\\" : "";
    escaped += bytes;
  });
  return prints ? fmt::format("'{}'", quoted) : fmt::format("$'{}'", escaped);
}

// The text between quotes, which begins at `at`, and where it ends. `has_escapes`: it is of $'...'.
std::string quoted_text(std::string_view line, std::size_t& at, bool has_escapes) {
  std::string text;
  for (; at < line.size() && line[at] != '\''; ++at) {
    if (!has_escapes || line[at] != '\\') {
      text += line[at];
    } else if (unsigned byte = 0;
               std::from_chars(&line[at] + 1, line.data() + std::min(at + 4, line.size()), byte, 8).ec == std::errc()) {
      text += static_cast<char>(static_cast<unsigned char>(byte));
      at += 3;
    } else if (++at < line.size()) {
      text += line[at];
    }
  }
  return text;
}

// The words that shell_line() made the line of.
std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words(1);
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] == ' ')
      words.emplace_back();
    else if (line[at] == '\'')
      words.back() += quoted_text(line, ++at, false);
    else if (line.substr(at).starts_with("$'"))
      words.back() += quoted_text(line, at += 2, true);
    else if (line[at] != '\\' || ++at < line.size())
      words.back() += line[at];
  }
  return words;
}

// Of "--output=a/b" and "-oa/b", too.
std::string without_folder(const std::string& word) {
  std::size_t begin = 0;
  if (word.starts_with("--"))
    begin = word.find('=') == std::string::npos ? word.size() : word.find('=') + 1;
  else if (word.starts_with("-"))
    begin = std::min<std::size_t>(word.size(), 2);
  return word.substr(0, begin) + last_part(word.substr(begin));
}

}  // namespace

std::string markdown_text(std::string_view text) { return escaped(text, R"(\`*_[]<>&|~#$)"); }

std::string yaml_text(std::string_view text) { return fmt::format("\"{}\"", escaped(text, "\\\"")); }

std::string without_folders(std::string_view shell_line) {
  const std::string_view pattern = "--group";  // whose slashes are none of a path
  std::vector<std::string> words = words_of(shell_line);
  bool is_pattern = false;
  for (std::string& word : words) {
    if (!is_pattern && !word.starts_with(pattern)) word = without_folder(word);
    is_pattern = word == pattern;
  }
  return microgpt::shell_line(words);
}

std::string shell_line(std::span<const std::string> words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + shell_word(word);
  return line;
}

}  // namespace microgpt
