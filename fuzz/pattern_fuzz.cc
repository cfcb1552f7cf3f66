// SPDX-License-Identifier: MIT
// Any bytes are a pattern or an Error; any text matches it or does not, and what is found in a text lies in it; the automaton
// of the pattern, where it has one, says the same.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "fuzz.h"
#include "text/encoded_text.h"
#include "text/pattern.h"
#include "text/pattern_automaton.h"

namespace microgpt::fuzz {
namespace {

bool is_part_of(std::string_view part, std::string_view text) {
  return part.data() >= text.data() && part.data() + part.size() <= text.data() + text.size();
}

std::vector<std::string> characters_of(std::string_view text, Encoding encoding) {
  std::vector<std::string> characters;
  for (std::size_t at = 0, size = 0; at < text.size(); at += size) {
    size = 1;
    if (encoding == Encoding::utf8)
      while (at + size < text.size() && (static_cast<unsigned char>(text[at + size]) & 0xC0) == 0x80) ++size;
    characters.emplace_back(text.substr(at, size));
  }
  return characters;
}

// Of the characters of the text, and some more.
void check_automaton(const std::string& expression, std::string_view text, Encoding encoding, bool matches) {
  const std::vector<std::string> characters = characters_of(text, encoding);
  std::vector<std::string> vocabulary{"a", "B", "0", " ", "\n"};
  vocabulary.insert(vocabulary.end(), characters.begin(), characters.end());
  std::sort(vocabulary.begin(), vocabulary.end());
  vocabulary.erase(std::unique(vocabulary.begin(), vocabulary.end()), vocabulary.end());
  const auto automaton = automaton_of_pattern(expression, encoding, vocabulary);
  if (!automaton) return;
  std::vector<std::size_t> symbols;
  for (const std::string& character : characters)
    symbols.push_back(
        static_cast<std::size_t>(std::lower_bound(vocabulary.begin(), vocabulary.end(), character) - vocabulary.begin()));
  require(automaton->matches(symbols) == matches);
}

void check(const std::string& expression, std::string_view text, Encoding encoding) {
  allow_error([&] {
    const Pattern pattern(expression, encoding);
    const bool matches = pattern.matches(text);
    check_automaton(expression, text, encoding, matches);
    const auto found = pattern.find(text);
    require(!found || found->data() == nullptr || is_part_of(*found, text));
    require(pattern.matches(text) == matches && pattern.find(text) == found);
    // What matches as a whole is found, too, and all that is found where the pattern has no ( ).
    require(!matches || found || expression.find('(') != std::string::npos);
  });
}

}  // namespace
}  // namespace microgpt::fuzz

// A pattern up to a zero byte, and a text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace microgpt;
  fuzz::Input input(data, size);
  const std::string expression(input.text());
  fuzz::check(expression, input.rest(), Encoding::bytes);
  if (!find_invalid_utf8(input.rest())) fuzz::check(expression, input.rest(), Encoding::utf8);
  return 0;
}
