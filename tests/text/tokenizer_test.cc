// SPDX-License-Identifier: MIT
#include "microgpt/tokenizer.h"

#include <gtest/gtest.h>

#include "microgpt/error.h"

namespace microgpt::tokenizer_test {
namespace {

Tokenizer tokenizer_of(const std::string& text) { return Tokenizer(Corpus::from_lines("test", text)); }

Tokenizer tokenizer_of_bytes(const std::string& text) { return Tokenizer(Corpus::from_text("test", text, Encoding::bytes)); }

using namespace std::string_literals;
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

TEST(Tokenizer, MarksCharactersThatItHasNotSeen) {
  const Tokenizer tokenizer = tokenizer_of("abé");
  EXPECT_EQ(tokenizer.encode_marking_unseen("béxa😀"), (Tokens{3, 1, 2, kUnseen, 0, kUnseen, 3}));
  EXPECT_EQ(tokenizer.encode_marking_unseen("abé"), tokenizer.encode("abé"));
  EXPECT_EQ(tokenizer.encode_marking_unseen(""), (Tokens{3, 3}));
  EXPECT_EQ(tokenizer_of_bytes("ab").encode_marking_unseen("a\xFF"), (Tokens{2, 0, kUnseen, 2}));
}

TEST(Tokenizer, GivesTokensOneByOne) {
  const Tokenizer tokenizer = tokenizer_of("zé");
  Tokens tokens;
  tokenizer.for_each_token("ézé", [&](Token token) { tokens.push_back(token); });
  EXPECT_EQ(tokens, (Tokens{1, 0, 1}));
  EXPECT_THROW(tokenizer.for_each_token("zx", [](Token) {}), Error);
}

TEST(Tokenizer, OfBytesEachByteIsACharacter) {
  const Tokenizer tokenizer = tokenizer_of_bytes("\xFF\0é"s);
  EXPECT_EQ(tokenizer.encoding(), Encoding::bytes);
  EXPECT_EQ(tokenizer.characters(), (std::u32string{0, 0xA9, 0xC3, 0xFF}));
  EXPECT_EQ(tokenizer.encode("é\xFF"), (Tokens{4, 2, 1, 3, 4}));
  EXPECT_EQ(tokenizer.encode("é\xFF", 1), (Tokens{4, 2}));
  EXPECT_EQ(tokenizer.decode(Tokens{4, 3, 0, 1, 4}), "\xFF\0\xA9"s);
}

TEST(Tokenizer, All256BytesAreAVocabulary) {
  std::string all;
  for (int byte = 255; byte >= 0; --byte) all.push_back(static_cast<char>(byte));
  const Tokenizer tokenizer(Corpus::from_text("test", "x" + all, Encoding::bytes));
  EXPECT_EQ(tokenizer.vocab_size(), 256U) << "0x0D becomes 0x0A in a text";
  std::u32string every;
  for (char32_t byte = 0; byte < 256; ++byte) every.push_back(byte);
  const Tokenizer whole = Tokenizer::from_characters(every, Encoding::bytes);
  EXPECT_EQ(whole.vocab_size(), 257U);
  EXPECT_EQ(whole.decode(whole.encode(all)), all);
}

TEST(Tokenizer, RefusesNumbersThatAreNoBytes) {
  try {
    Tokenizer::from_characters(U"a\u0100", Encoding::bytes);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "U+0100 is no byte; a vocabulary of bytes has numbers from 0 to 255");
  }
  try {
    Tokenizer::from_characters(U"\u00ff\u00ff", Encoding::bytes);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "\\xff comes after \\xff in the vocabulary; its characters must ascend, each once");
  }
}

TEST(Tokenizer, UnknownBytesAreNamed) {
  const auto error_of = [](const std::string& text) -> std::string {
    try {
      tokenizer_of_bytes("ab").encode(text);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(error_of("a\xE9"), "the byte \\xe9 does not occur in the corpus of the model");
  EXPECT_EQ(error_of("ac"), "the byte 'c' (\\x63) does not occur in the corpus of the model");
}

TEST(Tokenizer, SymbolsOfBytesAreAscii) {
  const Tokenizer tokenizer = tokenizer_of_bytes("~a b\n\x7F\xC3"s);
  std::string symbols;
  for (Token token = 0; token <= tokenizer.bos(); ++token) symbols += tokenizer.symbol(token) + "|";
  EXPECT_EQ(symbols, "\\x0a|\\x20|a|b|~|\\x7f|\\xc3|BOS|");
}

TEST(Tokenizer, SymbolsCanBeSeen) {
  const Tokenizer tokenizer = tokenizer_of("a b\u200b\u202eé\uffff");
  EXPECT_EQ(tokenizer.symbol(tokenizer.bos()), "BOS");
  EXPECT_EQ(tokenizer.symbol(*tokenizer.find(U'é')), "é");
  EXPECT_EQ(tokenizer.symbol(*tokenizer.find(U' ')), "U+0020");
  EXPECT_EQ(tokenizer.symbol(*tokenizer.find(U'\u200b')), "U+200B");
  EXPECT_EQ(tokenizer.symbol(*tokenizer.find(U'\u202e')), "U+202E") << "it would turn the rest of the line round";
  EXPECT_EQ(tokenizer.symbol(*tokenizer.find(U'\uffff')), "U+FFFF");
}

}  // namespace
}  // namespace microgpt::tokenizer_test
