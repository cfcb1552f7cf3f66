// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>

#include "text/corpus_checks.h"

namespace microgpt::prose_test {
namespace {

bool is_prose(const std::string& lines) { return looks_like_prose(Corpus::from_lines("test", lines)); }

TEST(Prose, IsLinesOfWordsWithStops) {
  EXPECT_TRUE(
      is_prose("It was a bright cold day in the spring of that\n"
               "year, and the clocks of the town were striking.\n"
               "Nobody had told them to, and so they struck as\n"
               "they liked.\n"));
  EXPECT_TRUE(is_prose("Er ging über die Brücke, als es schon\nspät am Abend war und niemand mehr da.\n"));
}

TEST(Prose, IsNoList) {
  EXPECT_FALSE(looks_like_prose(embedded_names()));
  EXPECT_FALSE(is_prose("1. e4 e5 2. Nf3 Nc6 3. Bb5 a6\n1. d4 d5 2. c4 e6 3. Nc3 Nf6\n"));
  EXPECT_FALSE(is_prose("user anna logged in from host nine today\nuser bert logged in from host four today\n")) << "no stops";
  EXPECT_FALSE(is_prose("Cisco Systems, Inc.\nApple, Inc.\nSamsung Electronics Co., Ltd.\n")) << "few words";
  EXPECT_FALSE(is_prose("2026-11-29 06:58:03 1234 GET /a/b.html 200.\n2026-11-29 06:58:04 1235 GET /c/d.html 404.\n"));
}

}  // namespace
}  // namespace microgpt::prose_test
