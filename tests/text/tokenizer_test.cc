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
