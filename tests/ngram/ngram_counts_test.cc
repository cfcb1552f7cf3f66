// SPDX-License-Identifier: MIT
#include "ngram/ngram_counts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "support/ngram_documents.h"

namespace microgpt::ngram_counts_test {
namespace {

using testing::document;
using testing::ngram_documents;
using testing::Tokens;
using Node = NgramTrie::Node;

// With the letters a, b and . for BOS: the count of an n-gram for a model of this order, or nothing where there is none.
std::optional<std::uint32_t> count(const NgramCounts& counts, std::size_t order, const std::string& ngram) {
  Node node = NgramTrie::kRoot;
  for (const char letter : ngram) {
    const auto child = counts.trie().find_child(node, letter == '.' ? 2 : letter - 'a');
    if (!child) return std::nullopt;
    node = *child;
  }
  return counts.for_order(order).at(node);
}

TEST(NgramCounts, TheLongestCountOccurrencesAndTheOthersWhatStandsBeforeThem) {
  const NgramCounts counts(ngram_documents({document("ab", 3), document("bab", 3), document("ab", 3)}, 3), 3);
  EXPECT_EQ(count(counts, 1, "a"), 3U);
  EXPECT_EQ(count(counts, 1, "b"), 4U);
  EXPECT_EQ(count(counts, 1, "."), 3U) << "the BOS that begins a document is context only";
  EXPECT_EQ(count(counts, 2, "a"), 2U) << "after BOS and b";
  EXPECT_EQ(count(counts, 2, "b"), 2U);
  EXPECT_EQ(count(counts, 2, "."), 1U);
  EXPECT_EQ(count(counts, 2, "ab"), 3U);
  EXPECT_EQ(count(counts, 2, ".a"), 2U);
  EXPECT_EQ(count(counts, 2, "b."), 3U);
  EXPECT_EQ(count(counts, 2, "aa"), std::nullopt);
  EXPECT_EQ(count(counts, 3, "ab"), 2U);
  EXPECT_EQ(count(counts, 3, ".a"), 1U) << "after another BOS";
  EXPECT_EQ(count(counts, 3, "ab."), 3U);
  EXPECT_EQ(count(counts, 3, "..a"), 2U);
  EXPECT_EQ(count(counts, 3, ".ba"), 1U);
  EXPECT_EQ(count(counts, 3, "bb."), std::nullopt) << "no n-gram goes from one document into another";
}

TEST(NgramCounts, BosAloneCountsInDocumentsThatAreEmpty) {
  const NgramCounts without(ngram_documents({document("a", 3)}, 3), 3);
  EXPECT_EQ(count(without, 3, "..."), 0U);
  EXPECT_EQ(count(without, 3, ".."), 0U);
  EXPECT_EQ(count(without, 3, "."), 1U);
  const NgramCounts with(ngram_documents({document("a", 3), document("", 3), document("", 3)}, 3), 3);
  EXPECT_EQ(count(with, 3, "..."), 2U);
  EXPECT_EQ(count(with, 3, ".."), 1U);
  EXPECT_EQ(count(with, 3, "."), 2U);
}

TEST(NgramCounts, LevelsAreSortedAndEndsAreThere) {
  const NgramCounts counts(ngram_documents(testing::random_documents(1, 60, 20, 4), 4));
  const NgramTrie& trie = counts.trie();
  std::vector<Tokens> ngrams(trie.size());
  for (Node node = 0; node < trie.size(); ++node)
    for (Node child = trie.first_child(node); child < trie.first_child(node + 1); ++child) {
      ngrams[child] = ngrams[node];
      ngrams[child].push_back(trie.token(child));
    }
  for (std::size_t level = 1; level <= kMaxNgramOrder; ++level) {
    EXPECT_LT(trie.begin(level), trie.end(level));
    for (Node node = trie.begin(level); node < trie.end(level); ++node) {
      ASSERT_EQ(ngrams[node].size(), level);
      ASSERT_TRUE(node == trie.begin(level) || ngrams[node - 1] < ngrams[node]);
      ASSERT_EQ(ngrams[trie.suffix(node)], Tokens(ngrams[node].begin() + 1, ngrams[node].end()));
    }
  }
}

TEST(NgramCounts, DoNotDependOnTheOrderOfDocumentsOrHowFarWasCounted) {
  std::vector<Tokens> documents = testing::random_documents(2, 50, 9, 5);
  const NgramCounts counts(ngram_documents(documents, 5), 6);
  std::reverse(documents.begin(), documents.end());
  for (const std::size_t max_order : {4U, 6U, 12U}) {
    const NgramCounts others(ngram_documents(documents, 5), max_order);
    EXPECT_EQ(others.max_order(), max_order);
    for (std::size_t order = 1; order <= 4; ++order) EXPECT_EQ(others.for_order(order), counts.for_order(order)) << order;
  }
}

TEST(NgramCounts, OfNothingAreNothing) {
  const NgramCounts counts(NgramDocuments(3), 4);
  EXPECT_EQ(counts.trie().size(), 4U);
  EXPECT_EQ(counts.for_order(4), std::vector<std::uint32_t>(4, 0));
}

TEST(NgramCounts, EndWhereThereAreEnoughNgrams) {
  const NgramDocuments documents = testing::ngram_documents(testing::random_documents(1, 50, 20, 5), 5);
  const NgramCounts all(documents);
  const std::size_t four_levels = all.trie().end(4);
  const NgramCounts some(documents, kMaxNgramOrder, four_levels);
  EXPECT_EQ(some.max_order(), 4U);
  EXPECT_EQ(some.trie().size(), four_levels);
  EXPECT_EQ(some.for_order(4), all.for_order(4));
  EXPECT_EQ(some.for_order(3), all.for_order(3));
}

}  // namespace
}  // namespace microgpt::ngram_counts_test
