#include "microgpt/tokenizer.h"

#include <gtest/gtest.h>

#include "microgpt/error.h"

namespace microgpt {
namespace {

Tokenizer tokenizer_of(const std::string& text) { return Tokenizer(Corpus::from_lines("test", text)); }

using Tokens = std::vector<Token>;

TEST(Tokenizer, NumbersTheSortedCodePointsAndThenBos) {
  const Tokenizer tokenizer = tokenizer_of("zé\n😀a");
  EXPECT_EQ(tokenizer.vocab_size(), 5U);
  EXPECT_EQ(tokenizer.bos(), 4);
  EXPECT_EQ(tokenizer.encode("aé😀z"), (Tokens{4, 0, 2, 3, 1, 4}));
}

TEST(Tokenizer, NamesHave27Tokens) {
  const Tokenizer tokenizer(embedded_names());
  EXPECT_EQ(tokenizer.vocab_size(), 27U);
  EXPECT_EQ(tokenizer.encode("emma"), (Tokens{26, 4, 12, 12, 0, 26}));
}

TEST(Tokenizer, EncodesNoMoreThanAskedFor) {
  const Tokenizer tokenizer = tokenizer_of("abc");
  EXPECT_EQ(tokenizer.encode("abc", 2), (Tokens{3, 0, 1}));
  EXPECT_EQ(tokenizer.encode("abc", 3), (Tokens{3, 0, 1, 2, 3}));
  EXPECT_EQ(tokenizer.encode("", 3), (Tokens{3, 3}));
}

TEST(Tokenizer, DecodesWithoutBos) {
  const Tokenizer tokenizer = tokenizer_of("né");
  EXPECT_EQ(tokenizer.decode(tokenizer.encode("né")), "né");
  EXPECT_EQ(tokenizer.decode(Tokens{}), "");
}

TEST(Tokenizer, IsItsCharacters) {
  const Tokenizer tokenizer = tokenizer_of("z\u00e9\n\U0001F600a");
  EXPECT_EQ(tokenizer.characters(), U"az\u00e9\U0001F600");
  const Tokenizer same = Tokenizer::from_characters(tokenizer.characters());
  EXPECT_EQ(same.bos(), 4);
  EXPECT_EQ(same.encode("a\u00e9"), tokenizer.encode("a\u00e9"));
  EXPECT_EQ(Tokenizer::from_characters(std::u32string(U"\0\U0010FFFF", 2)).vocab_size(), 3U);
}

TEST(Tokenizer, RefusesCharactersThatAreNoVocabulary) {
  const auto error_of = [](std::u32string characters) -> std::string {
    try {
      Tokenizer::from_characters(std::move(characters));
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(error_of(U""), "the vocabulary has no characters; it needs at least one");
  EXPECT_EQ(error_of(U"aa"), "U+0061 comes after U+0061 in the vocabulary; its characters must ascend, each once");
  EXPECT_EQ(error_of(U"abzc"), "U+0063 comes after U+007A in the vocabulary; its characters must ascend, each once");
  const auto refused = " is no character; a vocabulary has Unicode scalar values";
  EXPECT_EQ(error_of({U'a', char32_t{0xD800}}), std::string("U+D800") + refused);
  EXPECT_EQ(error_of({U'a', char32_t{0xDFFF}}), std::string("U+DFFF") + refused);
  EXPECT_EQ(error_of({U'a', char32_t{0x110000}}), std::string("U+110000") + refused);
}

TEST(Tokenizer, UnknownCharactersAreNamed) {
  const Tokenizer tokenizer = tokenizer_of("ab");
  EXPECT_EQ(tokenizer.find(U'c'), std::nullopt);
  try {
    tokenizer.encode("aé");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "the character 'é' (U+00E9) does not occur in the corpus of the model");
  }
}

TEST(Tokenizer, SymbolsCanBeSeen) {
  const Tokenizer tokenizer = tokenizer_of("a b\u200bé");
  EXPECT_EQ(tokenizer.symbol(tokenizer.bos()), "BOS");
  EXPECT_EQ(tokenizer.symbol(*tokenizer.find(U'é')), "é");
  EXPECT_EQ(tokenizer.symbol(*tokenizer.find(U' ')), "U+0020");
  EXPECT_EQ(tokenizer.symbol(*tokenizer.find(U'\u200b')), "U+200B");
}

}  // namespace
}  // namespace microgpt
