// SPDX-License-Identifier: MIT
#include "text/fold_case.h"

#include <gtest/gtest.h>

#include <string>

#include "microgpt/corpus.h"
#include "microgpt/error.h"
#include "microgpt/tokenizer.h"

namespace microgpt::fold_case_test {
namespace {

TEST(FoldCase, IsTheLowerCaseOfEachCharacter) {
  EXPECT_EQ(fold_case("Anna-1 ZZ"), "anna-1 zz");
  EXPECT_EQ(fold_case("\xC3\x84RGER \xCE\xA9 \xD0\x96"), "\xC3\xA4rger \xCF\x89 \xD0\xB6");
  EXPECT_EQ(fold_case("\xC3\x9F \xE6\xBC\xA2 \xF0\x9F\x98\x80"), "\xC3\x9F \xE6\xBC\xA2 \xF0\x9F\x98\x80")
      << "what has no case";
  EXPECT_EQ(lower_case(U'\u212A'), U'k') << "the sign of kelvin";
}

TEST(Corpus, MayHaveItsCaseFolded) {
  const Corpus corpus("file", "Anna\n\xC3\x84NNA\n", {.fold_case = true});
  EXPECT_EQ(corpus[0], "anna");
  EXPECT_EQ(corpus[1], "\xC3\xA4nna");
  EXPECT_THROW(Corpus("file", "Anna\n", {.encoding = Encoding::bytes, .fold_case = true}), ConfigError);
}

TEST(Tokenizer, FoldsCaseWhereItsCorpusDoes) {
  const Tokenizer tokenizer(Corpus("file", "Anna\n\xCE\xA9\n", {.fold_case = true}));
  EXPECT_EQ(tokenizer.characters(), U"an\u03C9");
  EXPECT_EQ(tokenizer.encode("ANNA"), tokenizer.encode("anna"));
  EXPECT_EQ(tokenizer.encode("\xCE\xA9"), tokenizer.encode("\xCF\x89"));
  EXPECT_EQ(tokenizer.encode_marking_unseen("B").at(1), kUnseen);
  const Tokenizer plain(Corpus("file", "anna\n", {}));
  EXPECT_EQ(plain.encode_marking_unseen("A").at(1), kUnseen);
}

}  // namespace
}  // namespace microgpt::fold_case_test
