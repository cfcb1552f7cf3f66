// SPDX-License-Identifier: MIT
#include "report/text_table.h"

#include <gtest/gtest.h>

namespace microgpt::text_table_test {
namespace {

TEST(DisplayWidth, CountsColumnsAndNotBytes) {
  EXPECT_EQ(display_width(""), 0U);
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("é█"), 2U);
  EXPECT_EQ(display_width("e\u0301"), 1U);
  EXPECT_EQ(display_width("日本"), 4U);
  EXPECT_EQ(display_width(Style{true}.red("ab")), 2U);
}

TEST(TextTable, AlignsColumns) {
  using enum TextTable::Align;
  TextTable table({{"name", left}, {"n", right}});
  table.add_row({"é", "1"});
  table.add_row({"long name", "100"});
  EXPECT_EQ(table.str(""),
            "name         n\n"
            "─────────  ───\n"
            "é            1\n"
            "long name  100\n");
}

TEST(TextTable, KnowsItsWidth) {
  using enum TextTable::Align;
  TextTable table({{"name", left}, {"n", right}});
  table.add_row({"日本", "10"});
  EXPECT_EQ(table.width(), 2U + 4U + 2U + 2U);
}

TEST(TextTable, LeavesNoSpacesAtLineEnds) {
  using enum TextTable::Align;
  TextTable table({{"a", left}, {"", left}});
  table.add_row({"x", "yy"});
  table.add_row({"x", ""});
  EXPECT_EQ(table.str("").find(" \n"), std::string::npos);
}

TEST(Bar, HasEighths) {
  EXPECT_EQ(bar(0.0, 4), "");
  EXPECT_EQ(bar(1.0, 4), "████");
  EXPECT_EQ(bar(0.5, 4), "██");
  EXPECT_EQ(bar(1.0 / 32, 4), "▏");
  EXPECT_EQ(bar(2.0, 2), "██");
  EXPECT_EQ(bar(-1.0, 2), "");
}

}  // namespace
}  // namespace microgpt::text_table_test
