// SPDX-License-Identifier: MIT
#include "text/foreign_format.h"

#include <gtest/gtest.h>

#include <string>

namespace microgpt::foreign_format_test {
namespace {

using namespace std::string_literals;

std::string name_of(std::string_view text) {
  const ForeignFormat* format = find_foreign_format(text);
  return format == nullptr ? "" : std::string(format->name.substr(0, format->name.find(',')));
}

TEST(ForeignFormat, TextIsNone) {
  for (const std::string& text :
       {""s, "a"s, "anna\nbob\n"s,
        "\xEF\xBB\xBF"
        "anna"s,
        "PK\n"s, "BZh9 is a word"s, "version https://example.org/\n"s, "a\0b\0c\0\nd"s, "a\0b\n"s, "zoë"s, "\0\0\0\0\0\0\0\0"s})
    EXPECT_EQ(name_of(text), "") << text;
}

TEST(ForeignFormat, ALineEndIsNeverWaitedFor) {
  for (const char* line : {"\n", "\r", "\r\n", "a\n", "P\n", "v\n", "B\n", "vers\n"})
    EXPECT_FALSE(may_be_foreign(line)) << line;
  for (const std::string& beginning :
       {""s, "P"s, "PK\x03"s, "\xFF"s, "\xFF\xFE"s, "BZh5"s, "a\0b\0"s, "version https://git-lfs"s})
    EXPECT_TRUE(may_be_foreign(beginning)) << beginning;
}

TEST(ForeignFormat, TheLongerBeginningDecides) {
  EXPECT_EQ(name_of("\xFF\xFE"
                    "a\0"s),
            "UTF-16");
  EXPECT_EQ(name_of("\xFF\xFE\0\0"s), "UTF-32");
  EXPECT_EQ(name_of("a\0b\0c\0d\0"s), "UTF-16");
  EXPECT_EQ(name_of("a\0\0\0b\0\0\0c\0\0\0d\0\0\0"s), "UTF-32");
  EXPECT_EQ(name_of("\0\0\0a\0\0\0b\0\0\0c\0\0\0d"s), "UTF-32");
}

}  // namespace
}  // namespace microgpt::foreign_format_test
