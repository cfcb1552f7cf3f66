// SPDX-License-Identifier: MIT
#include "ngram/ngram_documents.h"

#include <gtest/gtest.h>

#include "support/ngram_documents.h"

namespace microgpt::documents_test {
namespace {

using testing::document;
using testing::ngram_documents;
using testing::Tokens;

TEST(NgramDocuments, LieEndToEnd) {
  const NgramDocuments documents = ngram_documents({document("ab", 3), document("", 3)}, 3);
  ASSERT_EQ(documents.size(), 2U);
  EXPECT_EQ(Tokens(documents[0].begin(), documents[0].end()), (Tokens{2, 0, 1, 2}));
  EXPECT_EQ(Tokens(documents[1].begin(), documents[1].end()), (Tokens{2, 2}));
  EXPECT_EQ(documents.tokens().size(), 6U);
  EXPECT_EQ(documents.bos(), 2);
}

TEST(NgramDocuments, DifferentOnesAreTheFirstOfEqualOnes) {
  const auto all = {"ab", "a", "ab", "", "b", "a", "", "aba"};
  std::vector<Tokens> documents;
  for (const char* letters : all) documents.push_back(document(letters, 3));
  const NgramDocuments different = different_documents(ngram_documents(documents, 3));
  ASSERT_EQ(different.size(), 5U);
  EXPECT_EQ(different.vocab_size(), 3U);
  for (const auto& [d, letters] : {std::pair{0U, "ab"}, {1U, "a"}, {2U, ""}, {3U, "b"}, {4U, "aba"}})
    EXPECT_EQ(Tokens(different[d].begin(), different[d].end()), document(letters, 3));
}

}  // namespace
}  // namespace microgpt::documents_test
