// SPDX-License-Identifier: MIT
#include "text/line_stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "microgpt/error.h"
#include "support/length.h"
#include "text/encoded_text.h"

namespace microgpt::line_stream_test {
namespace {

using Lines = std::vector<std::string>;

struct Result {
  Lines lines;
  std::size_t invalid = 0;
  std::string error;  // up to what to do about it
};

Result read(std::string_view bytes, std::size_t size, Encoding encoding = Encoding::utf8,
            InvalidUtf8 invalid = InvalidUtf8::error) {
  Result result;
  std::string line;
  LineStream stream("input", encoding, invalid,
                    {[&](std::string_view piece) {
                       EXPECT_FALSE(piece.empty());
                       EXPECT_TRUE(encoding == Encoding::bytes || !find_invalid_utf8(piece)) << "whole characters";
                       line += piece;
                     },
                     [&] { result.lines.push_back(std::exchange(line, "")); }});
  try {
    for (std::size_t at = 0; at < bytes.size(); at += size) stream.feed(bytes.substr(at, size));
    stream.finish();
  } catch (const Error& error) {
    result.error = std::string(error.what()).substr(0, std::string(error.what()).find(';'));
  }
  if (result.error.empty()) {
    EXPECT_EQ(line, "") << "no line without an end";
  }
  EXPECT_EQ(stream.lines(), result.lines.size());
  result.invalid = stream.invalid();
  return result;
}

Lines lines_of(std::string_view bytes) { return read(bytes, bytes.size() + 1).lines; }

TEST(LineStream, LinesEndAsInPython) {
  EXPECT_EQ(lines_of(""), Lines{});
  EXPECT_EQ(lines_of("a"), Lines{"a"});
  EXPECT_EQ(lines_of("a\n"), Lines{"a"});
  EXPECT_EQ(lines_of("a\r\nb\rc\nd"), (Lines{"a", "b", "c", "d"}));
  EXPECT_EQ(lines_of("a\n\rb\r\r\n"), (Lines{"a", "", "b", ""}));
  EXPECT_EQ(lines_of("a\u0085b\u2028c\vd"), Lines{"a\u0085b\u2028c\vd"}) << "these end no line";
  EXPECT_EQ(lines_of(std::string_view("a\0b\n\0", 5)), (Lines{std::string("a\0b", 3), std::string("\0", 1)}));
}

TEST(LineStream, BlankLinesAreEmpty) {
  EXPECT_EQ(lines_of("\n"), Lines{""});
  EXPECT_EQ(lines_of(" \t \n\u3000\n "), (Lines{"", "", ""}));
  EXPECT_EQ(lines_of("a\n\n"), (Lines{"a", ""}));
}

TEST(LineStream, WhiteSpaceIsStrippedFromTheEndsOnly) {
  for (const std::size_t size : {1U, 2U, 5U, 1000U}) {
    EXPECT_EQ(read(" \u00a0a \t \u2003b \u3000 \n", size).lines, Lines{"a \t \u2003b"}) << size;
    EXPECT_EQ(read("x" + std::string(5000, ' ') + "y" + std::string(5000, ' '), size).lines,
              Lines{"x" + std::string(5000, ' ') + "y"});
  }
}

TEST(LineStream, AByteOrderMarkIsDroppedAtTheBeginningOnly) {
  for (const std::size_t size : {1U, 2U, 3U, 4U, 100U}) {
    EXPECT_EQ(read("\ufeffa\n\ufeffb", size).lines, (Lines{"a", "\ufeffb"})) << size;
    EXPECT_EQ(read("\ufeff", size).lines, Lines{});
    EXPECT_EQ(read("\ufeffa", size, Encoding::bytes).lines, Lines{"a"});
    EXPECT_EQ(read("\xEF\xBB", size, Encoding::utf8, InvalidUtf8::replace).lines, Lines{"\ufffd"});
  }
}

struct InvalidCase {
  std::string bytes;
  std::string replaced;  // as CPython does it, with ? for U+FFFD
  std::string ignored;
};

std::string with_replacements(std::string text) {
  for (std::size_t at = text.find('?'); at != std::string::npos; at = text.find('?')) text.replace(at, 1, "\ufffd");
  return text;
}

TEST(LineStream, InvalidBytesAreReplacedAndSkippedAsInPython) {
  const std::vector<InvalidCase> cases{{"\xFF", "?", ""},
                                       {"\xFF\xFE", "??", ""},
                                       {"a\xE2\x82z", "a?z", "az"},
                                       {"\xE2\x82", "?", ""},
                                       {"\xF0\x9F\x98", "?", ""},
                                       {"\xF0\x9F\x98\xF0", "??", ""},
                                       {"\xC3(", "?(", "("},
                                       {"\xED\xA0\x80", "???", ""},
                                       {"\xE0\x80\x80", "???", ""},
                                       {"\xF4\x90\x80\x80", "????", ""},
                                       {"\xF0\x80\x80\x80", "????", ""},
                                       {"\x80\x80"
                                        "b",
                                        "??b", "b"},
                                       {"\xC0\xAF", "??", ""},
                                       {"\xF0\x90\x80\xE2\x82\xAC", "?€", "€"},
                                       {"\xE1\x80\xC3\xA9", "?é", "é"}};
  for (const InvalidCase& c : cases)
    for (const char* end : {"", "\n"})
      for (std::size_t size = 1; size <= c.bytes.size() + 1; ++size) {
        const Result replaced = read(c.bytes + end, size, Encoding::utf8, InvalidUtf8::replace);
        EXPECT_EQ(replaced.lines, Lines{with_replacements(c.replaced)}) << size;
        const Result skipped = read(c.bytes + end, size, Encoding::utf8, InvalidUtf8::skip);
        EXPECT_EQ(skipped.lines, Lines{c.ignored}) << size;
        EXPECT_EQ(skipped.invalid, static_cast<std::size_t>(std::count(c.replaced.begin(), c.replaced.end(), '?')));
        EXPECT_EQ(replaced.invalid, skipped.invalid);
      }
}

TEST(LineStream, WhatIsInvalidIsAnErrorWithItsPlace) {
  for (const std::size_t size : {1U, 3U, 100U}) {
    const Result result = read("\ufeffanna\r\nb\xC3\xA9\xE2\x82 x\n", size);
    EXPECT_EQ(result.error, "input: line 2 is not UTF-8 (byte 0xe2 at offset 12)") << size;
    EXPECT_EQ(result.lines, Lines{"anna"});
  }
  EXPECT_EQ(read("a\xFF", 1, Encoding::bytes).lines, Lines{"a\xFF"}) << "bytes are always bytes";
}

TEST(LineStream, WhiteSpaceThatWaitsIsBounded) {
  std::string spaces;
  for (std::size_t i = 0; i < LineStream::kMaxSpaces / 2; ++i) spaces += " \t";
  EXPECT_EQ(read("a" + spaces + "\nb", 4096).lines, (Lines{"a", "b"}));
  const Result result = read("x\na" + spaces + " \nb", 4096);
  EXPECT_EQ(result.lines, Lines{"x"});
  EXPECT_TRUE(result.error.starts_with("input: line 2 has white space that changes more than 1048576 times")) << result.error;
}

// What Corpus makes of the whole is the stream's lines that are not empty, however the bytes come.
TEST(LineStream, IsWhatACorpusReads) {
  const std::vector<std::string> parts{"\n",     "\r",     "\r\n",   " ",    "\t", "a",        "bc",
                                       "\u00e9", "\u3000", "\ufeff", "\x1c", "😀",  "\xE2\x82", std::string("\0", 1),
                                       "\u2028", "\x85",   "\xA0"};
  std::mt19937 random(1);
  for (std::size_t i = 0; i < testing::full_or(20000, 500); ++i) {
    std::string bytes;
    const std::size_t kinds = i % 3 == 0 ? parts.size() : parts.size() - 5;
    for (std::size_t n = random() % 12; n > 0; --n) bytes += parts[random() % kinds];
    for (const Encoding encoding : {Encoding::utf8, Encoding::bytes}) {
      const Result result = read(bytes, 1 + random() % 5, encoding);
      Lines documents;
      std::copy_if(result.lines.begin(), result.lines.end(), std::back_inserter(documents),
                   [](const std::string& line) { return !line.empty(); });
      try {
        const Corpus corpus("input", bytes, {.encoding = encoding});
        ASSERT_EQ(result.error, "");
        ASSERT_EQ(documents.size(), corpus.size());
        for (std::size_t d = 0; d < corpus.size(); ++d) ASSERT_EQ(documents[d], corpus[d]);
      } catch (const Error& error) {
        const std::string message = error.what();
        if (message.find("is not UTF-8") != std::string::npos) {
          ASSERT_EQ(result.error, message.substr(0, message.find(';')));
        } else {
          ASSERT_TRUE(documents.empty()) << message;
        }
      }
    }
  }
}

}  // namespace
}  // namespace microgpt::line_stream_test
