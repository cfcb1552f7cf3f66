// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <set>

#include "text/encoded_text.h"

namespace microgpt::utf8_test {
namespace {

TEST(Utf8, EveryCodePointSurvives) {
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    const std::string text = encode_utf8(c);
    const auto decoded = decode_character(text, 0);
    ASSERT_TRUE(decoded.has_value()) << static_cast<unsigned>(c);
    ASSERT_EQ(decoded->code_point, c);
    ASSERT_EQ(decoded->length, text.size());
    ASSERT_FALSE(decode_character(text.substr(0, text.size() - 1) + "x", 0).has_value() && text.size() > 1);
  }
}

TEST(Utf8, RefusesWhatPythonRefuses) {
  const std::string bad[] = {"\x80",         "\xC0\x80",         "\xC1\xBF",         "\xE0\x9F\xBF",     "\xED\xA0\x80",
                             "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF8\x88\x80\x80", "\xFF",
                             "\xC3",         "\xE2\x82",         "\xF0\x9F\x98",     "\xC3\x28",         "\xE2\x28\xA1"};
  for (const std::string& text : bad) EXPECT_FALSE(decode_character(text, 0).has_value()) << text.size();
}

TEST(Utf8, FindsTheFirstInvalidByte) {
  EXPECT_EQ(find_invalid_utf8(""), std::nullopt);
  EXPECT_EQ(find_invalid_utf8("aé€😀"), std::nullopt);
  EXPECT_EQ(find_invalid_utf8("aé\xFFz\xFF"), 3U);
  EXPECT_EQ(find_invalid_utf8("abc\xE2\x82"), 3U);
}

TEST(Utf8, SpacesAreThoseOfPython) {
  std::set<char32_t> expected{0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000};
  for (char32_t c = 0x09; c <= 0x0D; ++c) expected.insert(c);
  for (char32_t c = 0x1C; c <= 0x20; ++c) expected.insert(c);
  for (char32_t c = 0x2000; c <= 0x200A; ++c) expected.insert(c);
  for (char32_t c = 0; c < 0x110000; ++c) ASSERT_EQ(is_python_space(c), expected.contains(c)) << static_cast<unsigned>(c);
}

TEST(Utf8, StripTakesSpacesOffBothEndsOnly) {
  EXPECT_EQ(strip(""), "");
  EXPECT_EQ(strip(" \t\u3000"), "");
  EXPECT_EQ(strip("a"), "a");
  EXPECT_EQ(strip("\u00a0 a b\u2003\u0085"), "a b");
  EXPECT_EQ(strip("\ufeff\u200bx\u180e"), "\ufeff\u200bx\u180e");
  EXPECT_EQ(strip(" é "), "é");
}

}  // namespace
}  // namespace microgpt::utf8_test
