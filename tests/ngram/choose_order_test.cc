// SPDX-License-Identifier: MIT
#include "ngram/choose_order.h"

#include <gtest/gtest.h>

#include "ngram/ngram_file.h"
#include "support/ngram_documents.h"
#include "text/split.h"

namespace microgpt::choose_order_test {
namespace {

using testing::document;
using testing::documents_of;
using testing::ngram_documents;
using testing::Tokens;

// The numbers come from the formulas, written down once more in Python.
TEST(ChooseOrder, OfNames) {
  const Corpus names = embedded_names();
  const Tokenizer tokenizer(names);
  const Split split = split_corpus(names, 42, 0.1);
  const ChosenNgramModel chosen =
      choose_ngram_model(documents_of(names, tokenizer, split.training), documents_of(names, tokenizer, split.validation));
  EXPECT_EQ(chosen.model.order(), 5U);
  const std::vector<double> expected{2.8145054227703565, 2.4547525531303096, 2.2315753586613325, 2.080316098886671,
                                     2.018413755072715,  2.019455450426015,  2.028222542294434,  2.0319009502632372};
  ASSERT_EQ(chosen.validation_losses.size(), kMaxNgramOrder);
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(chosen.validation_losses[i], expected[i], 1e-9) << i + 1;
  EXPECT_NEAR(chosen.model.mean_loss(documents_of(names, tokenizer, split.test)), 2.0178746149362534, 1e-9);
}

TEST(ChooseOrder, CountsEachDifferentDocumentOnce) {
  const auto validation = ngram_documents({document("ab", 4), document("ca", 4)}, 4);
  const auto once = choose_ngram_model(ngram_documents({document("abc", 4), document("ca", 4)}, 4), validation);
  const auto repeated = choose_ngram_model(
      ngram_documents({document("abc", 4), document("abc", 4), document("ca", 4), document("abc", 4)}, 4), validation);
  EXPECT_EQ(once.validation_losses, repeated.validation_losses);
}

TEST(ChooseOrder, TakesTheOneWithTheLeastLoss) {
  const auto training = ngram_documents({document("a", 4)}, 4);
  EXPECT_EQ(choose_ngram_model(training, training).model.order(), kMaxNgramOrder) << "the longer, the surer";
  const auto others = ngram_documents({document("bc", 4)}, 4);
  EXPECT_EQ(choose_ngram_model(training, others).model.order(), 1U) << "the longer, the surer that it is not so";
}

TEST(ChooseOrder, IsTheSameWhereTheBestIsMadeOnceMore) {
  const Corpus names = embedded_names();
  const Tokenizer tokenizer(names);
  const Split split = split_corpus(names, 7, 0.45);
  const NgramDocuments training = documents_of(names, tokenizer, split.training);
  const NgramDocuments validation = documents_of(names, tokenizer, split.validation);
  const ChosenNgramModel kept = choose_ngram_model(training, validation), anew = choose_ngram_model(training, validation, 0);
  EXPECT_EQ(anew.validation_losses, kept.validation_losses);
  EXPECT_GT(anew.model.order(), 1U);
  EXPECT_LT(anew.model.order(), kMaxNgramOrder);
  EXPECT_EQ(ngram_to_bytes(anew.model), ngram_to_bytes(kept.model));
}

// What validates is no part of what is counted then, and is counted at last.
TEST(ChooseOrder, DocumentsOfItsOwnValidateWhereThereAreNoOthers) {
  const Corpus names = embedded_names();
  const Tokenizer tokenizer(names);
  const NgramDocuments all = documents_of(names, tokenizer, split_corpus(names, 42, 0.0).training);
  const NgramModel model = choose_ngram_model(all);
  EXPECT_NEAR(static_cast<double>(model.order()), 5.0, 1.0) << "about as validation chooses";
  EXPECT_LT(model.mean_loss(all),
            choose_ngram_model(documents_of(names, tokenizer, split_corpus(names, 42, 0.1).training)).mean_loss(all));
}

TEST(ChooseOrder, OfATextTheLastPartValidates) {
  const std::vector<Tokens> texts = testing::random_documents(3, 1, 5000, 9);
  NgramDocuments text = ngram_documents(texts, 9);
  ASSERT_GE(text.tokens().size(), 1000U);
  const std::size_t held = texts[0].size() / kHeldBack;
  const Tokens first(texts[0].begin(), texts[0].end() - static_cast<std::ptrdiff_t>(held));
  Tokens last{8};
  last.insert(last.end(), texts[0].end() - static_cast<std::ptrdiff_t>(held), texts[0].end());
  const std::size_t order = choose_ngram_model(ngram_documents({first}, 9), ngram_documents({last}, 9)).model.order();
  EXPECT_EQ(choose_ngram_model(text).order(), order);
}

TEST(ChooseOrder, OfFewTokensTheDefaultOne) {
  EXPECT_EQ(choose_ngram_model(ngram_documents({document("abcabcabc", 4), document("ca", 4)}, 4)).order(), kDefaultNgramOrder);
}

}  // namespace
}  // namespace microgpt::choose_order_test
