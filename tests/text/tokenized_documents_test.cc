// SPDX-License-Identifier: MIT
#include "text/tokenized_documents.h"

#include <gtest/gtest.h>

#include <numeric>
#include <string>

#include "microgpt/error.h"
#include "text/encoded_text.h"

namespace microgpt::tokenized_documents_test {
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
  for (const std::size_t block_size : Indices{1, 2, 3, 4, 5, 6, 100}) {
    Batch actual;
    Batch expected;
    for (std::size_t d = 0; d < indices.size(); ++d) {
      documents.append(d, 0, std::min(block_size, documents.positions(d)), actual);
      expected.append(tokenizer.encode(corpus[indices[d]]), block_size);
    }
    expect_same(actual, expected);
  }
}

TEST(TokenizedDocuments, AreCopiedFromAnyTokenToAnyOther) {
  const Corpus corpus = Corpus::from_lines("test", "emma\na\n");
  const Tokenizer tokenizer(corpus);
  const TokenizedDocuments documents(corpus, tokenizer, all_of(corpus));
  for (std::size_t d = 0; d < 2; ++d) {
    const std::vector<Token> tokens = tokenizer.encode(corpus[d]);
    for (std::size_t first = 0; first <= tokens.size(); ++first)
      for (std::size_t count = 0; first + count <= tokens.size(); ++count) {
        std::vector<Token> copied(count);
        documents.copy(d, first, copied);
        const auto begin = tokens.begin() + static_cast<std::ptrdiff_t>(first);
        EXPECT_EQ(copied, std::vector<Token>(begin, begin + static_cast<std::ptrdiff_t>(count)));
      }
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
  TokenizedDocuments(corpus, tokenizer, Indices{0}).append(0, 0, 1001, actual);
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

// The tokens of document d, first and last included.
std::vector<Token> tokens_of(const TokenizedDocuments& documents, std::size_t d) {
  Batch batch;
  documents.append(d, 0, documents.positions(d), batch);
  std::vector<Token> tokens = batch.inputs;
  tokens.push_back(batch.targets.back());
  return tokens;
}

using Tokens = std::vector<Token>;

TEST(TokenizedDocuments, AStretchBeginsWithBosAndEndsAsItIsTold) {
  const Tokenizer tokenizer(Corpus::from_text("test", "a\nb"));
  const auto open = TokenizedDocuments::from_stretch(tokenizer, "b\na", StretchEnd::open);
  ASSERT_EQ(open.size(), 1U);
  EXPECT_EQ(tokens_of(open, 0), (Tokens{3, 2, 0, 1}));
  EXPECT_EQ(open.positions(0), 3U);
  EXPECT_EQ(open.characters(0), 3U);
  const auto closed = TokenizedDocuments::from_stretch(tokenizer, "b\na", StretchEnd::bos);
  EXPECT_EQ(tokens_of(closed, 0), (Tokens{3, 2, 0, 1, 3}));
  EXPECT_EQ(closed.positions(0), 4U);
  EXPECT_EQ(closed.characters(0), 3U);
  EXPECT_EQ(closed.longest(), 4U);
  EXPECT_EQ(closed.all_positions(), 4U);
  EXPECT_THROW(TokenizedDocuments::from_stretch(tokenizer, "x", StretchEnd::open), Error);
}

TEST(TokenizedDocuments, WindowsOverlapByOneToken) {
  const Tokenizer tokenizer(Corpus::from_text("test", "abcdefg"));
  const auto windows = TokenizedDocuments::from_stretch(tokenizer, "abcdefg", StretchEnd::bos).windows(3);
  ASSERT_EQ(windows.size(), 3U);
  EXPECT_EQ(tokens_of(windows, 0), (Tokens{7, 0, 1, 2}));
  EXPECT_EQ(tokens_of(windows, 1), (Tokens{2, 3, 4, 5}));
  EXPECT_EQ(tokens_of(windows, 2), (Tokens{5, 6, 7}));
  EXPECT_EQ(windows.longest(), 3U);
  EXPECT_EQ(windows.all_positions(), 8U);
  EXPECT_EQ(windows.characters(1), 3U);
  EXPECT_EQ(windows.characters(2), 1U);
}

TEST(TokenizedDocuments, WindowsPredictEachPositionOnce) {
  const Corpus corpus = Corpus::from_lines("test", "emma\na\nolivia\n");
  const TokenizedDocuments documents(corpus, Tokenizer(corpus), Indices{0, 1, 2});
  Batch whole;
  for (std::size_t d = 0; d < documents.size(); ++d) documents.append(d, 0, documents.positions(d), whole);
  for (std::size_t block_size = 1; block_size < 10; ++block_size) {
    const TokenizedDocuments windows = documents.windows(block_size);
    Batch batch;
    for (std::size_t w = 0; w < windows.size(); ++w) {
      EXPECT_LE(windows.positions(w), block_size);
      windows.append(w, 0, windows.positions(w), batch);
    }
    EXPECT_EQ(batch.inputs, whole.inputs) << block_size;
    EXPECT_EQ(batch.targets, whole.targets) << block_size;
  }
}

TEST(TokenizedDocuments, WindowsJoinedAreAStretch) {
  const Corpus corpus = Corpus::from_text("test", "0123456789abcdef");
  const Tokenizer tokenizer(corpus);
  const TokenizedDocuments whole = TokenizedDocuments::from_stretch(tokenizer, corpus[0], StretchEnd::bos);
  const TokenizedDocuments windows = whole.windows(5);
  EXPECT_EQ(tokens_of(windows.joined(0, windows.size()), 0), tokens_of(whole, 0));
  std::vector<Token> second = tokens_of(windows, 1), third = tokens_of(windows, 2);
  second.insert(second.end(), third.begin() + 1, third.end());
  EXPECT_EQ(tokens_of(windows.joined(1, 2), 0), second);
}

TEST(TokenizedDocuments, ASampleIsSpreadEvenlyOverAll) {
  const Corpus corpus = Corpus::from_lines("test", "a\nbb\nccc\ndd\neeeee\n");
  const TokenizedDocuments documents(corpus, Tokenizer(corpus), all_of(corpus));
  const TokenizedDocuments sample = documents.sample(3);
  ASSERT_EQ(sample.size(), 3U);
  EXPECT_EQ(tokens_of(sample, 0), tokens_of(documents, 0));
  EXPECT_EQ(tokens_of(sample, 1), tokens_of(documents, 1));
  EXPECT_EQ(tokens_of(sample, 2), tokens_of(documents, 3));
  EXPECT_EQ(sample.longest(), 3U);
  EXPECT_EQ(documents.sample(9).size(), 5U);
  EXPECT_EQ(tokens_of(documents.sample(9), 4), tokens_of(documents, 4));
}

TEST(TokenizedDocuments, RefuseWhatTheTokenizerDoesNotKnow) {
  const Corpus corpus = Corpus::from_lines("test", "abc\n");
  EXPECT_THROW(TokenizedDocuments(corpus, Tokenizer(Corpus::from_lines("other", "ab\n")), Indices{0}), Error);
}

}  // namespace
}  // namespace microgpt::tokenized_documents_test
