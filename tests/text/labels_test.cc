// SPDX-License-Identifier: MIT
#include "text/labels.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "microgpt/error.h"

namespace microgpt::labels_test {
namespace {

const std::string kText = "__label__spam  win a prize\n\n__label__ham\tsee you\r\n__label__spam now\n";

TEST(Labels, AreWhatStandsBeforeTheDocument) { EXPECT_EQ(labels_of("f", kText), (std::vector<std::string>{"ham", "spam"})); }

TEST(Labels, LinesKeepTheirNumbers) {
  EXPECT_EQ(lines_of_label(kText, "spam"), "win a prize\n\n\nnow\n");
  EXPECT_EQ(lines_of_label(kText, "ham"), "\n\nsee you\n\n");
}

TEST(Labels, AMarkOfByteOrderIsNoPartOfALabel) {
  EXPECT_EQ(labels_of("f", "\xEF\xBB\xBF__label__a x\n"), (std::vector<std::string>{"a"}));
  EXPECT_EQ(lines_of_label("\xEF\xBB\xBF__label__a x\n", "a"), "x\n");
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
  EXPECT_NE(message("__label__ x\n").find("line 1"), std::string::npos) << "an empty one is none";
  EXPECT_NE(message("__label__a __label__b x\n").find("line 1 has two labels"), std::string::npos);
}

}  // namespace
}  // namespace microgpt::labels_test
