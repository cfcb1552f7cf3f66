// SPDX-License-Identifier: MIT
#include "text/pattern_automaton.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "text/pattern.h"

namespace microgpt::pattern_automaton_test {
namespace {

const std::vector<std::string> kCharacters{"a", "B", "1", "-", " ", "\n", "\xC3\xA9"};  // the last is an accented e

// It accepts what RE2 does, of all texts of up to five of these characters.
void expect_same(const std::string& expression, Encoding encoding = Encoding::utf8) {
  std::vector<std::string> characters = kCharacters;
  if (encoding == Encoding::bytes) characters.back() = "\xE9";
  const auto automaton = automaton_of_pattern(expression, encoding, characters);
  ASSERT_TRUE(automaton) << expression;
  const Pattern pattern(expression, encoding);
  std::vector<std::vector<std::size_t>> texts{{}};
  std::vector<std::string> strings{""};
  for (std::size_t i = 0; i < texts.size(); ++i) {
    ASSERT_EQ(automaton->matches(texts[i]), pattern.matches(strings[i])) << expression << " on " << strings[i];
    if (texts[i].size() == 5) continue;
    for (std::size_t symbol = 0; symbol < characters.size(); ++symbol) {
      texts.push_back(texts[i]);
      texts.back().push_back(symbol);
      strings.push_back(strings[i] + characters[symbol]);
    }
  }
}

TEST(PatternAutomaton, AcceptsWhatRe2Does) {
  for (const char* expression : {"",
                                 "a",
                                 "a|B|",
                                 "a*",
                                 "(a|B1)+-?",
                                 "(?:aB){2}",
                                 "a{2,3}1{0,1}",
                                 "a{2,}",
                                 "[aB-]+",
                                 "[^a]*",
                                 "[[:alpha:]]{3}",
                                 "[]a-]*",
                                 "[^]a]{2}",
                                 "[\\]\\-a]+",
                                 "\\d\\D\\w?",
                                 "\\s+",
                                 "[\\d\\s]+",
                                 "\\pL+",
                                 "\\p{Lu}\\P{Ll}",
                                 "(?i)A+b",
                                 "(?i:A)B",
                                 "a(?i)b|c",
                                 "(?P<name>a)(?P<other>1)?",
                                 ".*",
                                 "(?-s).*",
                                 "a.1",
                                 "^a$",
                                 "\\Aa\\z",
                                 "(^a|B$)+",
                                 "a$|1",
                                 "$^",
                                 "(a*)*",
                                 "(a|)+1",
                                 "\\x61\\x{42}?",
                                 "\\141+",
                                 "\\Q-1\\E*",
                                 "\\Qa.\\E",
                                 "a\\Q\\EB",
                                 "a+?B??",
                                 "\\-",
                                 "\xC3\xA9+",
                                 "(?i)\xC3\x89",
                                 "[\xC3\xA8-\xC3\xAA]",
                                 "a{,2}",
                                 "x{a",
                                 "(?i)[ab]{2}|1",
                                 "((a|B)(1|-)){1,2}",
                                 "\\n|\\x20",
                                 "a{02}",
                                 "a{999999999999999999999}",
                                 "a^",
                                 "(?s-i:.)a"})
    expect_same(expression);
}

TEST(PatternAutomaton, BytesAreCharacters) {
  for (const char* expression : {".", "\\xE9", "[\\x80-\\xFF]+a", "(?i)\\xC9"}) expect_same(expression, Encoding::bytes);
}

TEST(PatternAutomaton, DeepAndWideExpressionsAreNoTrouble) {
  std::string deep, wide;
  for (int i = 0; i < 3000; ++i) deep += "(?:";
  deep += "a";
  for (int i = 0; i < 3000; ++i) deep += ")";
  EXPECT_FALSE(automaton_of_pattern(deep, Encoding::utf8, kCharacters));
  for (int i = 0; i < 10; ++i) wide += "(?:a?){200}";
  EXPECT_FALSE(automaton_of_pattern(wide, Encoding::utf8, kCharacters));
  for (const char* nothing : {"a(?i)*", "a\\Q\\E*"})
    EXPECT_FALSE(automaton_of_pattern(nothing, Encoding::utf8, kCharacters)) << nothing;
}

TEST(PatternAutomaton, ThereIsNoneOfWhatDependsOnNeighboursOrIsTooLarge) {
  for (const char* expression : {"\\ba", "a\\B", "(?m)^a", "(?m)a$", "\\C", "(a|B)*a(a|B){18}"})
    EXPECT_FALSE(automaton_of_pattern(expression, Encoding::utf8, kCharacters)) << expression;
}

}  // namespace
}  // namespace microgpt::pattern_automaton_test
