// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "text/corpus_checks.h"

namespace microgpt {
namespace {

TEST(LongDocuments, HaveMorePositionsThanTheContextWithTheirEnd) {
  const Corpus corpus = Corpus::from_lines("test", "abc\nabcd\nabcdefgh\nüüü\n");
  const LongDocuments count = count_long_documents(corpus, 4);
  EXPECT_EQ(count.longer, 2U);
  EXPECT_EQ(count.documents, 4U);
  EXPECT_EQ(count.longest, 9U);
  EXPECT_EQ(count_long_documents(corpus, count.longest).longer, 0U);
}

TEST(LongDocuments, AreNotInARunningText) {
  const Corpus corpus = Corpus::from_text("test", "abc\nabcd\nabcdefgh\n");
  EXPECT_EQ(count_long_documents(corpus, 4).longer, 0U);
}

TEST(LongDocuments, AreDescribedWithTheFlagThatHoldsThem) {
  EXPECT_EQ(describe(LongDocuments{2, 4, 9, 4}),
            "2 of 4 documents are longer than the context of 4, and are read in windows of it; --block-size 9 holds all");
  EXPECT_EQ(describe(LongDocuments{1, 4, 100000, 4}),
            "1 of 4 documents is longer than the context of 4, and is read in windows of it");
}

}  // namespace
}  // namespace microgpt
