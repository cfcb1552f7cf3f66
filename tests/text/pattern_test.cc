// SPDX-License-Identifier: MIT
#include "text/pattern.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "microgpt/error.h"

namespace microgpt::pattern_test {
namespace {

bool matches(const std::string& pattern, std::string_view text, Encoding encoding = Encoding::utf8) {
  return Pattern(pattern, encoding).matches(text);
}

std::string reason_of(const std::string& pattern) {
  try {
    const Pattern made(pattern, Encoding::utf8);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Pattern, MatchesAWholeText) {
  EXPECT_TRUE(matches("a.*n", "anton"));
  EXPECT_FALSE(matches("nto", "anton"));
  EXPECT_FALSE(matches("a|an", "ant"));
  EXPECT_TRUE(matches("a|an", "an"));
  EXPECT_TRUE(matches("", ""));
  EXPECT_FALSE(matches("", "a"));
}

TEST(Pattern, AFullStopIsAnyCharacterOfTheEncoding) {
  EXPECT_TRUE(matches("z.\u00eb", "zo\u00eb"));
  EXPECT_TRUE(matches("zo.", "zo\u00eb"));
  EXPECT_FALSE(matches("zo.", "zo\u00eb", Encoding::bytes));
  EXPECT_TRUE(matches("zo..", "zo\u00eb", Encoding::bytes));
  EXPECT_TRUE(matches("a.b", "a\nb"));
  EXPECT_TRUE(matches("\\xff.", "\xFF\xFE", Encoding::bytes));
}

TEST(Pattern, ATextWithoutAnAddressIsAsAnyEmptyOne) {
  for (const std::string_view text : {std::string_view(""), std::string_view()}) {
    EXPECT_EQ(Pattern("a*", Encoding::utf8).find(text), "");
    EXPECT_EQ(Pattern("a*(b?)", Encoding::utf8).find(text), "");
    EXPECT_EQ(Pattern("a*(b)?", Encoding::utf8).find(text), std::nullopt);
    EXPECT_EQ(Pattern("a", Encoding::utf8).find(text), std::nullopt);
  }
}

TEST(Pattern, TakesNulBytes) { EXPECT_TRUE(matches("a.b", std::string_view("a\0b", 3))); }

// A matcher that backtracks would take until the end of time.
TEST(Pattern, TakesLinearTime) { EXPECT_FALSE(matches("(a*)*b", std::string(1 << 16, 'a'))); }

TEST(Pattern, SaysOnOneLineWhatIsWrong) {
  EXPECT_EQ(reason_of("a("), "this is not a regular expression that RE2 accepts: missing ): a(");
  EXPECT_EQ(reason_of("(a)\\1"), "this is not a regular expression that RE2 accepts: invalid escape sequence: \\1");
  EXPECT_EQ(reason_of("(\n"), "this is not a regular expression that RE2 accepts: missing ): (?");
  EXPECT_NE(reason_of("\xFF"), "");
  EXPECT_NE(reason_of("((a{100}){100}){100}"), "");
}

}  // namespace
}  // namespace microgpt::pattern_test
