// SPDX-License-Identifier: MIT
#include "report/markdown.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <vector>

namespace microgpt::markdown_test {
namespace {

std::string shell_line_of(std::vector<std::string> words) { return shell_line(words); }

TEST(Markdown, TextStaysText) {
  EXPECT_EQ(markdown_text("data/names.txt"), "data/names.txt");
  EXPECT_EQ(markdown_text("a_b*c`d[e](f)|<b>&amp;~#$\\"), "a\\_b\\*c\\`d\\[e\\](f)\\|\\<b\\>\\&amp;\\~\\#\\$\\\\");
  EXPECT_EQ(markdown_text("zoë 大"), "zoë 大");
}

TEST(Markdown, IsOnOneLineAndUtf8) {
  EXPECT_EQ(markdown_text("a\nb\r\t\x1b[1m\x7f"), "a\uFFFDb\uFFFD\uFFFD\uFFFD\\[1m\uFFFD");
  EXPECT_EQ(markdown_text("a\xFF\xC3"), "a\uFFFD\uFFFD");
  EXPECT_EQ(markdown_text("\u0085\u2028\uFEFF\uFFFE"), "\uFFFD\uFFFD\uFFFD\uFFFD");
}

TEST(Markdown, ScalarsOfYaml) {
  EXPECT_EQ(yaml_text("data/names.txt"), "\"data/names.txt\"");
  EXPECT_EQ(yaml_text("a\"b\\c: - #d\n---\xFF"), "\"a\\\"b\\\\c: - #d\uFFFD---\uFFFD\"");
}

TEST(Markdown, WordsOfAShell) {
  EXPECT_EQ(shell_line_of({"microgpt", "train", "-o", "my/model-1", "--n-embd=32"}),
            "microgpt train -o my/model-1 --n-embd=32");
  EXPECT_EQ(shell_line_of({"a b", "", "$HOME", "it's", "zoë", "*", "~"}), "'a b' '' '$HOME' 'it'\\''s' 'zoë' '*' '~'");
  EXPECT_EQ(shell_line_of({"a\nb'\\\xFF\xC3\xA9"}), "$'a\\012b\\'\\\\\\377é'");
}

TEST(Markdown, PathsOfALineAreTheirLastParts) {
  const auto shortened = [](std::vector<std::string> words) { return without_folders(shell_line(words)); };
  EXPECT_EQ(shortened({"microgpt", "train", "/home/anna/names.txt", "-o", "../my models/1/", "--init=a/b", "-oa/b"}),
            "microgpt train names.txt -o 1 --init=b -ob");
  EXPECT_EQ(shortened({"train", "-", "a/it's", "a/x\ny\xFF", "a/$b \\", "/", "--n-embd", "8", "", "b/é"}),
            "train - 'it'\\''s' $'x\\012y\\377' '$b \\' / --n-embd 8 '' 'é'");
  EXPECT_EQ(shortened({"train", "a b/c d", "x/\n'\\"}), "train 'c d' $'\\012\\'\\\\'");
  EXPECT_EQ(shortened({"train", "a/b", "--group", "^x/([^/]+)/", "--group=a/b"}), "train b --group '^x/([^/]+)/' --group=a/b");
  for (const char* broken : {"a/b'", "$'a/b", "$'\\", "a\\", "'"}) without_folders(broken);  // of a file that is damaged
}

// What bash makes of the line are the words.
TEST(Markdown, BashReadsTheWordsBack) {
  std::string all;
  for (int byte = 1; byte < 256; ++byte) all += static_cast<char>(byte);
  const std::vector<std::string> words{all,
                                       "'",
                                       "\\",
                                       "a\n",
                                       "$(exit)",
                                       "`exit`",
                                       "é\xFF"
                                       "1",
                                       "!x",
                                       "-n",
                                       ""};
  std::vector<std::string> call{"printf", "%s\\0"};
  call.insert(call.end(), words.begin(), words.end());
  std::vector<std::string> with_shell{"bash", "-c", shell_line(call)};
  FILE* output = popen(shell_line(with_shell).c_str(), "r");
  if (output == nullptr) GTEST_SKIP();
  std::string printed;
  for (int c = std::fgetc(output); c != EOF; c = std::fgetc(output)) printed += static_cast<char>(c);
  if (pclose(output) != 0) GTEST_SKIP() << "there is no bash";
  std::string expected;
  for (const std::string& word : words) expected += word + '\0';
  EXPECT_EQ(printed, expected);
}

}  // namespace
}  // namespace microgpt::markdown_test
