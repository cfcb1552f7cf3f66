#include "text/tokenized_documents.h"

#include <gtest/gtest.h>

#include <numeric>
#include <string>

#include "microgpt/error.h"
#include "text/utf8.h"

namespace microgpt {
namespace {

using Indices = std::vector<std::size_t>;

Indices all_of(const Corpus& corpus) {
  Indices indices(corpus.size());
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  return indices;
}

void expect_same(const Batch& actual, const Batch& expected) {
  EXPECT_EQ(actual.inputs, expected.inputs);
  EXPECT_EQ(actual.targets, expected.targets);
  EXPECT_EQ(actual.offsets, expected.offsets);
}

TEST(TokenizedDocuments, AreWhatTheTokenizerGives) {
  const Corpus corpus = Corpus::from_lines("test", "emma\na\n\u00e9\u4e2d\U0001F600b\n");
  const Tokenizer tokenizer(corpus);
  const Indices indices{2, 0, 1, 0};
  const TokenizedDocuments documents(corpus, tokenizer, indices);
  ASSERT_EQ(documents.size(), 4U);
  for (const std::size_t block_size : {1U, 2U, 3U, 4U, 5U, 6U, 100U}) {
    Batch actual;
    Batch expected;
    for (std::size_t d = 0; d < indices.size(); ++d) {
      documents.append(d, block_size, actual);
      expected.append(tokenizer.encode(corpus[indices[d]]), block_size);
    }
    expect_same(actual, expected);
  }
}

TEST(TokenizedDocuments, KnowHowLongTheyAre) {
  const Corpus corpus = Corpus::from_lines("test", "emma\na\nzo\u00eb\n");
  const TokenizedDocuments documents(corpus, Tokenizer(corpus), Indices{1, 2});
  EXPECT_EQ(documents.positions(0), 2U);
  EXPECT_EQ(documents.positions(1), 4U);
  EXPECT_EQ(documents.longest(), 4U);
  EXPECT_EQ(documents.all_positions(), 6U);
}

TEST(TokenizedDocuments, HoldLargeVocabularies) {
  std::string text;
  for (char32_t c = 0x4E00; c < 0x4E00 + 1000; ++c) append_utf8(text, c);
  const Corpus corpus = Corpus::from_lines("test", text);
  const Tokenizer tokenizer(corpus);
  Batch actual;
  TokenizedDocuments(corpus, tokenizer, Indices{0}).append(0, 2000, actual);
  Batch expected;
  expected.append(tokenizer.encode(corpus[0]), 2000);
  expect_same(actual, expected);
}

TEST(TokenizedDocuments, CostLittleMemory) {
  const Corpus names = embedded_names();
  const TokenizedDocuments documents(names, Tokenizer(names), all_of(names));
  EXPECT_LT(documents.bytes(), 400'000U) << "a byte a character and four a document";
  EXPECT_GT(documents.bytes(), 4 * names.size()) << "and all of it is counted";
}

TEST(TokenizedDocuments, RefuseWhatTheTokenizerDoesNotKnow) {
  const Corpus corpus = Corpus::from_lines("test", "abc\n");
  EXPECT_THROW(TokenizedDocuments(corpus, Tokenizer(Corpus::from_lines("other", "ab\n")), Indices{0}), Error);
}

}  // namespace
}  // namespace microgpt
