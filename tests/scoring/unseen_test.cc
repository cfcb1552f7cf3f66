// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <cmath>

#include "scoring/token_scorer.h"

namespace microgpt::unseen_test {
namespace {

using Strings = std::vector<std::string>;

TEST(Unseen, CostsAUniformChoiceOfTokensAndThenOfAllCodePoints) {
  EXPECT_DOUBLE_EQ(unseen_loss(27), std::log(27.0 * 0x110000));
}

TEST(Unseen, IsMarkedWhereverItStands) {
  const Tokenizer tokenizer = Tokenizer::from_characters(U"abé");
  EXPECT_EQ(tokenizer.encode_marking_unseen("béa"), tokenizer.encode("béa"));
  EXPECT_EQ(tokenizer.encode_marking_unseen("xa大"), (std::vector<Token>{3, kUnseen, 0, kUnseen, 3}));
  EXPECT_EQ(tokenizer.encode_marking_unseen(""), (std::vector<Token>{3, 3}));
}

TEST(Unseen, IsShownAsItself) {
  const Tokenizer tokenizer = Tokenizer::from_characters(U" ab");
  EXPECT_EQ(symbols_of(tokenizer, "a 大\t"), (Strings{"BOS", "a", "U+0020", "大", "U+0009", "BOS"}));
}

}  // namespace
}  // namespace microgpt::unseen_test
