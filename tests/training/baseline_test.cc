// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>

#include "ngram/choose_order.h"
#include "ngram/ngram_file.h"
#include "support/ngram_documents.h"
#include "text/split.h"

namespace microgpt::baseline_test {
namespace {

Corpus some_corpus() {
  std::string text;
  for (int i = 0; i < 400; ++i) text += "n" + std::to_string(i * i % 1000) + "\n";
  return Corpus::from_lines("test", text);
}

TEST(Baseline, CountsTheTrainingPartAndLetsValidationChoose) {
  const Corpus corpus = some_corpus();
  const Tokenizer tokenizer(corpus);
  const Split split = split_corpus(corpus, 1, 0.1);
  const NgramModel model = make_baseline(split_and_tokenize(corpus, tokenizer, 1, 0.1), tokenizer.vocab_size());
  const NgramModel expected = choose_ngram_model(testing::documents_of(corpus, tokenizer, split.training),
                                                 testing::documents_of(corpus, tokenizer, split.validation))
                                  .model;
  EXPECT_EQ(ngram_to_bytes(model), ngram_to_bytes(expected));
}

TEST(Baseline, ItsOwnDocumentsChooseWhereNothingIsHeldOut) {
  const Corpus corpus = some_corpus();
  const Tokenizer tokenizer(corpus);
  const CorpusParts parts = split_and_tokenize(corpus, tokenizer, 1, 0.0);
  const NgramModel expected =
      choose_ngram_model(testing::documents_of(corpus, tokenizer, split_corpus(corpus, 1, 0.0).training));
  EXPECT_EQ(ngram_to_bytes(make_baseline(parts, tokenizer.vocab_size())), ngram_to_bytes(expected));
}

TEST(Baseline, CountsNoMoreThanItMay) {
  const Corpus corpus = Corpus::from_lines("test", "abcdefgh\nijk\nlm\n");
  const Tokenizer tokenizer(corpus);
  const CorpusParts parts = split_and_tokenize(corpus, tokenizer, 1, 0.0);
  const auto counted = [&](std::size_t most) { return ngram_to_bytes(make_baseline(parts, tokenizer.vocab_size(), most)); };
  EXPECT_EQ(counted(19), counted(1000)) << "10, 5 and 4 tokens";
  EXPECT_NE(counted(18), counted(19));
  const NgramDocuments cut = testing::ngram_documents({tokenizer.encode("abcdefgh"), {13, 8}}, tokenizer.vocab_size());
  EXPECT_EQ(counted(12), ngram_to_bytes(NgramModel(NgramCounts(cut, 5), 5)));
}

}  // namespace
}  // namespace microgpt::baseline_test
