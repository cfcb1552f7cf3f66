// SPDX-License-Identifier: MIT
#include "text/encoded_text.h"

#include <gtest/gtest.h>

namespace microgpt::encoded_text_test {
namespace {

using enum Encoding;

TEST(EncodedText, VisitsCodePointsOrBytes) {
  const auto characters_of = [](Encoding encoding, std::string_view text) {
    std::u32string characters;
    for_each_character(encoding, text, [&](char32_t c) {
      characters.push_back(c);
      return characters.size() < 3;
    });
    return characters;
  };
  EXPECT_EQ(characters_of(utf8, "aé😀z"), U"aé😀") << "and stops when it is told to";
  EXPECT_EQ(characters_of(bytes, "aé😀"), (std::u32string{'a', 0xC3, 0xA9}));
}

TEST(EncodedText, CountsAndFindsCharacters) {
  EXPECT_EQ(count_characters(utf8, "aé😀"), 3U);
  EXPECT_EQ(count_characters(bytes, "aé😀"), 7U);
  EXPECT_EQ(offset_of_character(utf8, "aé😀", 0), 0U);
  EXPECT_EQ(offset_of_character(utf8, "aé😀", 2), 3U);
  EXPECT_EQ(offset_of_character(utf8, "aé😀", 3), 7U);
  EXPECT_EQ(offset_of_character(utf8, "aé😀", 9), 7U);
  EXPECT_EQ(offset_of_character(bytes, "aé😀", 2), 2U);
  EXPECT_EQ(offset_of_character(bytes, "aé😀", 9), 7U);
}

TEST(EncodedText, AppendsWhatItVisits) {
  for (const Encoding encoding : {utf8, bytes}) {
    std::string copy;
    for_each_character(encoding, "aé😀", [&](char32_t c) {
      append_character(encoding, copy, c);
      return true;
    });
    EXPECT_EQ(copy, "aé😀");
  }
}

TEST(EncodedText, OfBytesOnlyTheSpacesOfAsciiAreStripped) {
  EXPECT_EQ(strip(utf8, "\u00a0a\u00a0"), "a");
  EXPECT_EQ(strip(bytes, "\u00a0a\u00a0"), "\u00a0a\u00a0");
  EXPECT_EQ(strip(bytes, "\t a b\v\f\r\n"), "a b");
  EXPECT_EQ(strip(bytes, " "), "");
  EXPECT_EQ(strip(bytes, ""), "");
}

}  // namespace
}  // namespace microgpt::encoded_text_test
