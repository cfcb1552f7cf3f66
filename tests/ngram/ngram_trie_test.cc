// SPDX-License-Identifier: MIT
#include "ngram/ngram_trie.h"

#include <gtest/gtest.h>

namespace microgpt::ngram_trie_test {
namespace {

using Node = NgramTrie::Node;

// Tokens 0, 1, 2. Of two tokens: 0 2, 2 0, 2 1; of three: 2 0 2; of four: none.
NgramTrie small_trie() {
  NgramTrie trie(3);
  trie.add_level();
  EXPECT_EQ(trie.append(1, 2, 3), 4U);
  EXPECT_EQ(trie.append(3, 0, 1), 5U);
  EXPECT_EQ(trie.append(3, 1, 2), 6U);
  trie.add_level();
  EXPECT_EQ(trie.append(5, 2, 4), 7U);
  trie.add_level();
  return trie;
}

TEST(NgramTrie, BeginsWithTheSingleTokens) {
  const NgramTrie trie(2);
  EXPECT_EQ(trie.levels(), 1U);
  EXPECT_EQ(trie.size(), 3U);
  EXPECT_EQ(trie.first_child(NgramTrie::kRoot), 1U);
  EXPECT_EQ(trie.first_child(1), 3U);
  EXPECT_EQ(trie.find_child(NgramTrie::kRoot, 1), Node{2});
  EXPECT_EQ(trie.token(2), 1);
  EXPECT_EQ(trie.suffix(2), NgramTrie::kRoot);
  EXPECT_FALSE(trie.has_children(1));
  EXPECT_EQ(trie.find_child(1, 0), std::nullopt);
}

TEST(NgramTrie, FindsChildren) {
  const NgramTrie trie = small_trie();
  for (Node node = 1; node < trie.size(); ++node)
    for (Token token = 0; token < 3; ++token) {
      std::optional<Node> expected;
      if (node == 1 && token == 2) expected = 4;
      if (node == 3 && token == 0) expected = 5;
      if (node == 3 && token == 1) expected = 6;
      if (node == 5 && token == 2) expected = 7;
      EXPECT_EQ(trie.find_child(node, token), expected) << node << " " << token;
    }
  EXPECT_TRUE(trie.has_children(1));
  EXPECT_FALSE(trie.has_children(2));
  EXPECT_TRUE(trie.has_children(3));
  EXPECT_FALSE(trie.has_children(6));
  EXPECT_FALSE(trie.has_children(7));
}

TEST(NgramTrie, LevelsFollowOneAnother) {
  const NgramTrie trie = small_trie();
  ASSERT_EQ(trie.levels(), 4U);
  const std::vector<Node> begins{0, 1, 4, 7, 8};
  const std::vector<Node> ends{1, 4, 7, 8, 8};
  for (std::size_t level = 0; level <= 4; ++level) {
    EXPECT_EQ(trie.begin(level), begins[level]);
    EXPECT_EQ(trie.end(level), ends[level]);
  }
}

}  // namespace
}  // namespace microgpt::ngram_trie_test
