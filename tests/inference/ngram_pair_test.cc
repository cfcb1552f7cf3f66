// SPDX-License-Identifier: MIT
#include "inference/ngram_pair.h"

#include <gtest/gtest.h>

#include <numeric>
#include <string_view>
#include <vector>

#include "ngram/ngram_counts.h"
#include "text/tokenized_documents.h"
#include "training/evaluation.h"

namespace microgpt::ngram_pair_test {
namespace {

NgramModel count(const Corpus& corpus, const Tokenizer& tokenizer, std::size_t order) {
  NgramDocuments documents(tokenizer.vocab_size());
  for (std::size_t d = 0; d < corpus.size(); ++d) documents.add(tokenizer.encode(corpus[d]));
  return NgramModel(NgramCounts(documents, order), order);
}

// A corpus of lines and a model of it.
struct Kind {
  Kind(const char* lines, const Tokenizer& of, std::size_t order)
      : corpus(Corpus::from_lines("lines", lines)), tokenizer(of), model(count(corpus, of, order)) {}

  TokenizedDocuments documents() const {
    std::vector<std::size_t> all(corpus.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return {corpus, tokenizer, all};
  }
  NgramPair::Member member() const { return {model, tokenizer}; }

  Corpus corpus;
  Tokenizer tokenizer;
  NgramModel model;
};

TEST(NgramPair, IsNamedByItsOrders) {
  const Kind a("abc", Tokenizer::from_characters(U"abc"), 2);
  const Kind b("abc", Tokenizer::from_characters(U"abc"), 3);
  EXPECT_EQ(name_of_ngrams(a.model, a.model), "2-grams");
  EXPECT_EQ(name_of_ngrams(b.model, a.model), "3- and 2-gram");
}

// In one piece or in several.
TEST(NgramPair, TheRatioIsTheDifferenceOfTheLosses) {
  const Tokenizer tokenizer = Tokenizer::from_characters(U"abc");
  const Kind positive("abc\nabab\ncab\nb\n", tokenizer, 3);
  const Kind negative("cc\nccba\ncbc\na\n", tokenizer, 2);
  NgramPair pair(positive.member(), negative.member());
  const std::vector<double> of_positive = document_nats(positive.model, negative.documents());
  const std::vector<double> of_negative = document_nats(negative.model, negative.documents());
  for (std::size_t d = 0; d < negative.corpus.size(); ++d) {
    const std::string_view document = negative.corpus[d];
    pair.append(document);
    EXPECT_EQ(pair.end_document(), of_negative[d] - of_positive[d]);
    for (const char& c : document) pair.append({&c, 1});
    EXPECT_EQ(pair.end_document(), of_negative[d] - of_positive[d]);
  }
}

TEST(NgramPair, WhatOneDoesNotKnowSaysNothing) {
  const Kind positive("abe\nab\n", Tokenizer::from_characters(U"abe"), 2);
  const Kind negative("abc\nca\n", Tokenizer::from_characters(U"abc"), 2);
  NgramPair pair(positive.member(), negative.member());
  const auto ratio = [&](std::string_view document) {
    pair.append(document);
    return pair.end_document();
  };
  EXPECT_EQ(ratio("aeb"), ratio("axb"));
  EXPECT_EQ(ratio("acb"), ratio("axb"));
  EXPECT_NE(ratio("aab"), ratio("axb"));
}

}  // namespace
}  // namespace microgpt::ngram_pair_test
