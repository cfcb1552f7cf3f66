#include "microgpt/corpus.h"

#include <gtest/gtest.h>

#include <vector>

#include "microgpt/error.h"

namespace microgpt {
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
  EXPECT_EQ(error_of("emma\r\nann\xFF\n"), "test: line 2 is not UTF-8 (byte 0xff at offset 9); convert the file to UTF-8");
  EXPECT_EQ(error_of("\xC3"), "test: line 1 is not UTF-8 (byte 0xc3 at offset 0); convert the file to UTF-8");
  EXPECT_EQ(error_of("a\n\n\r\xED\xA0\x80"), "test: line 4 is not UTF-8 (byte 0xed at offset 4); convert the file to UTF-8");
}

TEST(Corpus, NoDocumentsIsAnError) {
  const std::string expected = "test: the corpus has no documents; it needs at least one line that is not blank";
  for (const char* text : {"", "\n", " \n\t\r\n", "\ufeff\n"}) EXPECT_EQ(error_of(text), expected);
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
}  // namespace microgpt
