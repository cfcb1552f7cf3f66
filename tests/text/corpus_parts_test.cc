// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "microgpt/error.h"
#include "text/split.h"

namespace microgpt::corpus_parts_test {
namespace {

using Tokens = std::vector<Token>;

// All documents end to end.
Batch batch_of(const TokenizedDocuments& documents) {
  Batch batch;
  for (std::size_t d = 0; d < documents.size(); ++d) documents.append(d, 0, documents.positions(d), batch);
  return batch;
}

void expect_same(const TokenizedDocuments& actual, const TokenizedDocuments& expected) {
  EXPECT_EQ(batch_of(actual).inputs, batch_of(expected).inputs);
  EXPECT_EQ(batch_of(actual).targets, batch_of(expected).targets);
  EXPECT_EQ(batch_of(actual).offsets, batch_of(expected).offsets);
}

TEST(CorpusParts, OfLinesAreThoseOfTheSplit) {
  const Corpus names = embedded_names();
  const Tokenizer tokenizer(names);
  const CorpusParts parts = split_and_tokenize(names, tokenizer, 3, 0.2);
  const Split split = split_corpus(names, 3, 0.2);
  expect_same(parts.training, TokenizedDocuments(names, tokenizer, split.training));
  expect_same(*parts.validation, TokenizedDocuments(names, tokenizer, split.validation));
  expect_same(*parts.test, TokenizedDocuments(names, tokenizer, split.test));
  expect_same(documents_to_train_on(names.kind(), parts.training, 3), parts.training);
}

TEST(CorpusParts, OfATextAreStretchesThatBeginWithBos) {
  const Corpus corpus = Corpus::from_text("test", "abcdefghij");
  const CorpusParts parts = split_and_tokenize(corpus, Tokenizer(corpus), 42, 0.2);
  ASSERT_EQ(parts.training.size(), 1U);
  EXPECT_EQ(batch_of(parts.training).inputs, (Tokens{10, 0, 1, 2, 3, 4}));
  EXPECT_EQ(batch_of(parts.training).targets, (Tokens{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(batch_of(*parts.validation).inputs, (Tokens{10, 6}));
  EXPECT_EQ(batch_of(*parts.validation).targets, (Tokens{6, 7}));
  EXPECT_EQ(batch_of(*parts.test).inputs, (Tokens{10, 8, 9}));
  EXPECT_EQ(batch_of(*parts.test).targets, (Tokens{8, 9, 10})) << "where the text ends, so does the stretch";
  const CorpusParts other_seed = split_and_tokenize(corpus, Tokenizer(corpus), 1, 0.2);
  expect_same(other_seed.training, parts.training);
}

TEST(CorpusParts, OfATextWindowsAreTrainedOn) {
  const Corpus corpus = Corpus::from_text("test", "abcdefg");
  const CorpusParts parts = split_and_tokenize(corpus, Tokenizer(corpus), 42, 0.0);
  EXPECT_FALSE(parts.validation);
  EXPECT_FALSE(parts.test);
  const TokenizedDocuments windows = documents_to_train_on(corpus.kind(), parts.training, 3);
  EXPECT_EQ(windows.size(), 3U);
  EXPECT_EQ(batch_of(windows).inputs, (Tokens{7, 0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(batch_of(windows).targets, (Tokens{0, 1, 2, 3, 4, 5, 6, 7})) << "BOS, the text, and BOS";
  EXPECT_EQ(batch_of(windows).offsets, (std::vector<std::size_t>{0, 3, 6, 8}));
}

TEST(CorpusParts, OfBytesAreBytes) {
  const Corpus corpus("test", "\xFF\xFE\n\xFF\n\xC3\n", {.encoding = Encoding::bytes});
  const CorpusParts parts = split_and_tokenize(corpus, Tokenizer(corpus), 42, 0.0);
  EXPECT_EQ(batch_of(parts.training).inputs, (Tokens{3, 2, 1, 3, 2, 3, 0}));
}

TEST(CorpusParts, SayWhatIsTooShort) {
  const Corpus corpus = Corpus::from_text("test", "abc");
  EXPECT_THROW(split_and_tokenize(corpus, Tokenizer(corpus), 42, 0.1), Error);
}

}  // namespace
}  // namespace microgpt::corpus_parts_test
