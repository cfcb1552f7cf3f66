// SPDX-License-Identifier: MIT
#include "text/prose.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace microgpt {
namespace {

constexpr std::size_t kWords = 5;
constexpr double kMinLetters = 0.8;         // of a line's bytes, its spaces included
constexpr double kMinShareOfWords = 0.5;    // of all lines
constexpr double kMinShareWithStop = 0.1;   // of all lines
constexpr std::size_t kMaxLines = 100'000;  // that are looked at
constexpr std::string_view kStops = ".,;:!?\"";

// Bytes above 127 are of letters, mostly.
bool is_letter_or_space(char c) {
  return c == ' ' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) > 127;
}

bool is_of_words(std::string_view line) {
  const auto spaces = static_cast<std::size_t>(std::count(line.begin(), line.end(), ' '));
  const auto letters = static_cast<double>(std::count_if(line.begin(), line.end(), is_letter_or_space));
  return spaces + 1 >= kWords && letters >= kMinLetters * static_cast<double>(line.size());
}

}  // namespace

bool looks_like_prose(const Corpus& corpus) {
  const std::size_t count = std::min(corpus.size(), kMaxLines);
  std::size_t word_lines = 0, with_stop = 0;
  for (std::size_t d = 0; d < count; ++d) {
    word_lines += is_of_words(corpus[d]) ? 1 : 0;
    with_stop += kStops.find(corpus[d].back()) != std::string_view::npos ? 1 : 0;
  }
  const auto all = static_cast<double>(count);
  return static_cast<double>(word_lines) >= kMinShareOfWords * all && static_cast<double>(with_stop) >= kMinShareWithStop * all;
}

}  // namespace microgpt
