// SPDX-License-Identifier: MIT
#include "microgpt/corpus.h"

#include <gtest/gtest.h>

#include <vector>

#include "microgpt/error.h"

namespace microgpt::corpus_test {
namespace {

using namespace std::string_literals;

std::vector<std::string> documents_of(const std::string& text, ByteOrderMark mark = ByteOrderMark::drop) {
  const Corpus corpus = Corpus::from_lines("test", text, mark);
  std::vector<std::string> documents;
  for (std::size_t i = 0; i < corpus.size(); ++i) documents.emplace_back(corpus[i]);
  return documents;
}

std::string error_of(const std::string& text) {
  try {
    documents_of(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

using Documents = std::vector<std::string>;

const std::string kRemedy =
    "; convert the file to UTF-8, train on its bytes with train --encoding bytes, or replace them with --invalid replace";

Documents bytes_of(const std::string& text) {
  const Corpus corpus("test", text, {.encoding = Encoding::bytes});
  Documents documents;
  for (std::size_t i = 0; i < corpus.size(); ++i) documents.emplace_back(corpus[i]);
  return documents;
}

std::string text_of(const std::string& text, Encoding encoding = Encoding::utf8) {
  const Corpus corpus = Corpus::from_text("test", text, encoding);
  EXPECT_EQ(corpus.size(), 1U);
  return std::string(corpus[0]);
}

std::string error_of_text(const std::string& text, Encoding encoding = Encoding::utf8) {
  try {
    text_of(text, encoding);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Corpus, SplitsAtPythonsLineEndsOnly) {
  EXPECT_EQ(documents_of("a\nb\r\nc\rd"), (Documents{"a", "b", "c", "d"}));
  EXPECT_EQ(documents_of("a\n\r\n\rb\r\r\n"), (Documents{"a", "b"}));
  EXPECT_EQ(documents_of("a\x0b"s + "b\x0c"s + "c\u2028d\u0085e"), (Documents{"a\x0b"s + "b\x0c"s + "c\u2028d\u0085e"}));
}

TEST(Corpus, StripsAndDropsBlankLinesAndKeepsDuplicates) {
  EXPECT_EQ(documents_of("  emma \n\t\nanna\n \u3000 \nemma\n"), (Documents{"emma", "anna", "emma"}));
}

TEST(Corpus, NeedsNoFinalLineEnd) { EXPECT_EQ(documents_of("a\nb"), documents_of("a\nb\n")); }

TEST(Corpus, NulBytesAreCharacters) { EXPECT_EQ(documents_of("a\0b\n\0\n"s), (Documents{"a\0b"s, "\0"s})); }

TEST(Corpus, OneHugeLineIsOneDocument) {
  const std::string line(1 << 20, 'x');
  EXPECT_EQ(documents_of(line), Documents{line});
}

TEST(Corpus, DropsOrKeepsAByteOrderMark) {
  EXPECT_EQ(documents_of("\ufeffa\nb"), (Documents{"a", "b"}));
  EXPECT_EQ(documents_of("\ufeffa\nb", ByteOrderMark::keep), (Documents{"\ufeffa", "b"}));
  EXPECT_EQ(documents_of("a\n\ufeffb"), (Documents{"a", "\ufeffb"})) << "only at the beginning of a file is it a mark";
}

TEST(Corpus, InvalidUtf8NamesLineAndOffset) {
  EXPECT_EQ(error_of("emma\r\nann\xFF\n"), "test: line 2 is not UTF-8 (byte 0xff at offset 9)" + kRemedy);
  EXPECT_EQ(error_of("\xC3"), "test: line 1 is not UTF-8 (byte 0xc3 at offset 0)" + kRemedy);
  EXPECT_EQ(error_of("a\n\n\r\xED\xA0\x80"), "test: line 4 is not UTF-8 (byte 0xed at offset 4)" + kRemedy);
}

// As Python's bytes.decode(errors="replace") and "ignore".
TEST(Corpus, InvalidUtf8IsReplacedOrSkipped) {
  const std::string text = "emma\r\n\xC3\n \xFF ann\xE2\x82zo\xED\xA0\n\nb\xF0\x9F"s;
  const auto read = [&](InvalidUtf8 invalid) {
    const Corpus corpus("test", text, {.invalid = invalid});
    EXPECT_EQ(corpus.invalid_bytes().sequences, 6U);
    EXPECT_EQ(corpus.invalid_bytes().lines, 3U);
    Documents documents;
    for (std::size_t i = 0; i < corpus.size(); ++i) documents.emplace_back(corpus[i]);
    return documents;
  };
  EXPECT_EQ(read(InvalidUtf8::replace), (Documents{"emma", "\ufffd", "\ufffd ann\ufffdzo\ufffd\ufffd", "b\ufffd"}));
  EXPECT_EQ(read(InvalidUtf8::skip), (Documents{"emma", "annzo", "b"}));
}

TEST(Corpus, WhatIsNoTextIsNeverRepaired) {
  for (const std::string& text : {"\xFF\xFE"
                                  "a\0b\0"s,
                                  "\x1F\x8B\x08\0\0\0"s})
    for (const InvalidUtf8 invalid : {InvalidUtf8::replace, InvalidUtf8::skip})
      EXPECT_THROW(Corpus("test", text, {.invalid = invalid}), Error);
}

TEST(Corpus, ValidTextAndBytesHaveNothingInvalid) {
  for (const InvalidUtf8 invalid : {InvalidUtf8::replace, InvalidUtf8::skip}) {
    EXPECT_EQ(Corpus("test", "zo\u00eb\n", {.invalid = invalid}).invalid_bytes().sequences, 0U);
    const Corpus bytes("test", "zo\xEB\n", {.encoding = Encoding::bytes, .invalid = invalid});
    EXPECT_EQ(bytes[0], "zo\xEB");
    EXPECT_EQ(bytes.invalid_bytes().sequences, 0U);
  }
}

TEST(Corpus, NoDocumentsIsAnError) {
  const std::string expected = "test: the corpus has no documents; it needs at least one line that is not blank";
  for (const char* text : {"", "\n", " \n\t\r\n", "\ufeff\n"}) EXPECT_EQ(error_of(text), expected);
}

TEST(Corpus, LinesOfBytesAreAnyBytes) {
  EXPECT_EQ(bytes_of("\xFF\xFE\na\0b\r\n\xC3\n"s), (Documents{"\xFF\xFE", "a\0b"s, "\xC3"}));
  EXPECT_EQ(bytes_of("a\r\rb\r\nc"), (Documents{"a", "b", "c"}));
  EXPECT_EQ(bytes_of("\xEF\xBB\xBF"
                     "a"),
            (Documents{"a"}));
}

// As bytes.strip(): U+0085, U+00A0 and the separators from 0x1C to 0x1F are white space of str.strip() only.
TEST(Corpus, OfBytesTheWhiteSpaceOfAsciiIsStripped) {
  EXPECT_EQ(bytes_of(" \t\v\f a b \f\v\t \n"), (Documents{"a b"}));
  for (const std::string kept : {"\x85", "\xA0", "\x1C", "\x1F", "\xC2\xA0", "\b"}) EXPECT_EQ(bytes_of(kept), Documents{kept});
  EXPECT_THROW(bytes_of(" \n\t\v\f\r\n"), Error);
}

TEST(Corpus, ARunningTextKeepsItsWhiteSpace) {
  EXPECT_EQ(text_of("\n  a \n\n b\t\n"), "\n  a \n\n b\t\n");
  EXPECT_EQ(text_of("no end"), "no end");
  EXPECT_EQ(text_of(" "), " ");
  EXPECT_EQ(text_of("a\0\u00e9\U0001F600"s), "a\0\u00e9\U0001F600"s);
  EXPECT_EQ(Corpus::from_text("test", "a").kind(), CorpusKind::text);
}

TEST(Corpus, ARunningTextHasPythonsLineEnds) {
  for (const Encoding encoding : {Encoding::utf8, Encoding::bytes}) {
    EXPECT_EQ(text_of("a\r\nb\rc\n", encoding), "a\nb\nc\n");
    EXPECT_EQ(text_of("\r\r\n\n\r", encoding), "\n\n\n\n");
    EXPECT_EQ(text_of("\r", encoding), "\n");
    EXPECT_EQ(text_of("a\v\f\u2028\u0085", encoding), "a\v\f\u2028\u0085");
  }
}

TEST(Corpus, ARunningTextDropsAByteOrderMark) {
  EXPECT_EQ(text_of("\ufeffa\r\n\ufeff"), "a\n\ufeff");
  EXPECT_EQ(text_of("\ufeffa\r\n", Encoding::bytes), "a\n");
}

TEST(Corpus, ATextOfBytesIsAnyBytes) { EXPECT_EQ(text_of("\xFF\0\xC3\n"s, Encoding::bytes), "\xFF\0\xC3\n"s); }

TEST(Corpus, AnEmptyTextIsAnError) {
  for (const Encoding encoding : {Encoding::utf8, Encoding::bytes})
    for (const char* text : {"", "\ufeff"})
      EXPECT_EQ(error_of_text(text, encoding), "test: the text is empty; it needs at least one character");
}

TEST(Corpus, InvalidUtf8OfATextIsNamedByItsPlaceInTheFile) {
  EXPECT_EQ(error_of_text("a\r\n\r\nb\xFF"), "test: line 3 is not UTF-8 (byte 0xff at offset 6)" + kRemedy);
}

TEST(Corpus, SurvivesBeingMoved) {
  Corpus corpus = Corpus::from_lines("test", "a");  // short enough to lie within the string object itself
  const Corpus moved = std::move(corpus);
  EXPECT_EQ(moved[0], "a");
}

TEST(Corpus, EmbeddedNamesAreAllThere) {
  const Corpus names = embedded_names();
  ASSERT_EQ(names.size(), 32257U);
  EXPECT_EQ(names[0], "emma");
  EXPECT_EQ(names[1], "olivia");
}

}  // namespace
}  // namespace microgpt::corpus_test
