// SPDX-License-Identifier: MIT
#include "text/labels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "microgpt/error.h"

namespace microgpt::labels_test {
namespace {

const std::string kText = "__label__spam  win a prize\n\n__label__ham\tsee you\r\n__label__spam now\n";

TEST(Labels, AreWhatStandsBeforeTheDocument) { EXPECT_EQ(labels_of("f", kText), (std::vector<std::string>{"ham", "spam"})); }

TEST(Labels, LinesKeepTheirNumbers) {
  EXPECT_EQ(lines_of_label(kText, "spam"), std::string(15, ' ') + "win a prize\n\n\n" + std::string(14, ' ') + "now\n");
  EXPECT_EQ(lines_of_label(kText, "ham"), "\n\n" + std::string(13, ' ') + "see you\n\n");
}

TEST(Labels, AllLinesOfAFileAreReadAtOnce) {
  const LabelledLines lines = labelled_lines(kText, {"ham", "spam"});
  EXPECT_EQ(lines.labels, (std::vector<std::size_t>{1, 2, 0, 1})) << "a blank line is of none";
  EXPECT_EQ(std::count(lines.text.begin(), lines.text.end(), '\n'), 4);
  EXPECT_NE(lines.text.find("see you"), std::string::npos);
}

TEST(Labels, AMarkOfByteOrderIsNoPartOfALabel) {
  EXPECT_EQ(labels_of("f", "\xEF\xBB\xBF__label__a x\n"), (std::vector<std::string>{"a"}));
  EXPECT_EQ(lines_of_label("\xEF\xBB\xBF__label__a x\n", "a"), std::string(11, ' ') + "x\n");
}

TEST(Labels, ALineWithoutOneIsNamed) {
  const auto message = [](const std::string& text) {
    try {
      labels_of("the/file", text);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_NE(message("__label__a x\n\ny\n").find("the/file: line 3 does not begin with __label__CLASS"), std::string::npos);
  EXPECT_NE(message("__label__ x\n").find("the/file: line 1: the name of its class is empty"), std::string::npos);
  EXPECT_NE(message("__label__\xff x\n").find("line 1: the name of its class is not plain UTF-8"), std::string::npos);
  EXPECT_NE(message("\x1f\x8b").find("gzip"), std::string::npos);
  EXPECT_NE(message("__label__a __label__b x\n").find("line 1 has two labels"), std::string::npos);
  EXPECT_NE(message("__label__a x __label__b\n").find("line 1 has two labels"), std::string::npos) << "as fastText reads it";
  EXPECT_EQ(message("__label__a x__label__b\n"), "") << "in the midst of a word it is none";
}

}  // namespace
}  // namespace microgpt::labels_test
