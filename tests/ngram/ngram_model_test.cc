// SPDX-License-Identifier: MIT
#include "ngram/ngram_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "support/length.h"
#include "support/ngram_documents.h"
#include "support/reference_ngram_model.h"

namespace microgpt::ngram_model_test {
namespace {

using testing::document;
using testing::ngram_documents;
using testing::random_documents;
using testing::ReferenceNgramModel;
using testing::Tokens;

constexpr double kTolerance = 1e-12;

NgramModel model_of(const std::vector<Tokens>& documents, std::size_t vocab_size, std::size_t order) {
  return NgramModel(NgramCounts(ngram_documents(documents, vocab_size)), order);
}

NgramModel::Context after(const NgramModel& model, const Tokens& beginning) {
  NgramModel::Context context = model.start();
  for (std::size_t i = 1; i < beginning.size(); ++i) context = model.next(context, beginning[i]);
  return context;
}

// Beginnings of documents: those that were counted and, as random ones are other than they, many that were not.
std::vector<Tokens> beginnings(const std::vector<Tokens>& documents, std::size_t vocab_size) {
  std::vector<Tokens> beginnings;
  const auto add = [&](const std::vector<Tokens>& some) {
    for (const Tokens& tokens : some)
      for (auto end = tokens.begin() + 1; end != tokens.end(); ++end) beginnings.emplace_back(tokens.begin(), end);
  };
  add(documents);
  add(random_documents(99, 20, 12, vocab_size));
  return beginnings;
}

void expect_the_formulas(const std::vector<Tokens>& documents, std::size_t vocab_size, std::size_t order) {
  const NgramModel model = model_of(documents, vocab_size, order);
  const ReferenceNgramModel reference(documents, vocab_size, order);
  std::vector<double> distribution(vocab_size);
  for (const Tokens& beginning : beginnings(documents, vocab_size)) {
    const NgramModel::Context context = after(model, beginning);
    model.distribution(context, distribution);
    EXPECT_NEAR(std::accumulate(distribution.begin(), distribution.end(), 0.0), 1.0, kTolerance);
    for (std::size_t v = 0; v < vocab_size; ++v) {
      const auto token = static_cast<Token>(v);
      EXPECT_EQ(model.probability(context, token), distribution[v]);
      EXPECT_GT(distribution[v], 0.0);
      ASSERT_NEAR(distribution[v], reference.probability(beginning, token), kTolerance)
          << "order " << order << ", token " << v << " after " << ::testing::PrintToString(beginning);
    }
  }
}

TEST(NgramModel, IsTheFormulas) {
  const std::size_t seeds = testing::full_or(4, 1);
  for (std::uint64_t seed = 1; seed <= seeds; ++seed)
    for (std::size_t order = 1; order <= 5; ++order) {
      expect_the_formulas(random_documents(seed, 12, 9, 4), 4, order);
      expect_the_formulas(random_documents(seed, 1, 60, 3), 3, order);
    }
}

TEST(NgramModel, IsTheFormulasForTheLongestNgramsToo) { expect_the_formulas(random_documents(5, 6, 14, 3), 3, kMaxNgramOrder); }

TEST(NgramModel, IsADistributionWhateverWasCounted) {
  for (std::size_t order = 1; order <= 4; ++order) {
    expect_the_formulas({document("", 4)}, 4, order);
    expect_the_formulas({document("a", 4)}, 4, order);
    expect_the_formulas({document("aaaaaaaa", 4), document("", 4), document("", 4)}, 4, order);
    expect_the_formulas({document("ab", 4), document("ab", 4), document("ab", 4)}, 4, order);
  }
}

TEST(NgramModel, ThinksAllTokensEquallyLikelyWhereNothingWasCounted) {
  for (const std::size_t order : {1U, 5U}) {
    const NgramModel model(NgramCounts(NgramDocuments(4)), order);
    for (Token token = 0; token < 4; ++token) EXPECT_DOUBLE_EQ(model.probability(after(model, {3, 0, 1}), token), 0.25);
  }
}

// A character that the model never saw is fed on as BOS, so that BOS stands where no document had one.
TEST(NgramModel, GoesOnAfterABosInside) {
  const std::vector<Tokens> documents = random_documents(7, 12, 9, 4);
  for (const std::size_t order : {2U, 5U}) {
    const NgramModel model = model_of(documents, 4, order);
    const ReferenceNgramModel reference(documents, 4, order);
    for (const Tokens& beginning : {Tokens{3, 0, 3}, Tokens{3, 0, 3, 1}, Tokens{3, 3, 3, 3, 3, 3, 0}, Tokens{3, 2, 2, 3, 3}})
      for (Token token = 0; token < 4; ++token)
        EXPECT_NEAR(model.probability(after(model, beginning), token), reference.probability(beginning, token), kTolerance);
  }
}

TEST(NgramModel, LossesAreOfAllTokensButTheFirst) {
  const std::vector<Tokens> documents = random_documents(3, 12, 9, 4);
  const NgramModel model = model_of(documents, 4, 3);
  std::vector<double> losses{-1.0};
  const Tokens tokens = document("abca", 4);
  model.append_losses(tokens, losses);
  ASSERT_EQ(losses.size(), 6U) << "appended, one for each target";
  EXPECT_EQ(losses[0], -1.0);
  for (std::size_t i = 1; i < tokens.size(); ++i) {
    const Tokens beginning(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_EQ(losses[i], -std::log(model.probability(after(model, beginning), tokens[i]))) << i;
  }
  std::vector<double> empty;
  model.append_losses(document("", 4), empty);
  ASSERT_EQ(empty.size(), 1U);
  EXPECT_EQ(empty[0], -std::log(model.probability(model.start(), 3)));
}

TEST(NgramModel, TheMeanLossIsOverTokens) {
  const NgramModel model = model_of(random_documents(3, 12, 9, 4), 4, 3);
  std::vector<double> losses;
  model.append_losses(document("abca", 4), losses);
  model.append_losses(document("b", 4), losses);
  const double mean = std::accumulate(losses.begin(), losses.end(), 0.0) / 7.0;
  EXPECT_DOUBLE_EQ(model.mean_loss(ngram_documents({document("abca", 4), document("b", 4)}, 4)), mean);
}

TEST(NgramModel, HasTheSameBitsForTheSameDocuments) {
  std::vector<Tokens> documents = random_documents(4, 40, 9, 5);
  const NgramModel model = model_of(documents, 5, 4);
  std::reverse(documents.begin(), documents.end());
  const NgramModel other(NgramCounts(ngram_documents(documents, 5), 4), 4);
  std::vector<double> losses;
  std::vector<double> other_losses;
  for (const Tokens& tokens : random_documents(8, 20, 12, 5)) {
    model.append_losses(tokens, losses);
    other.append_losses(tokens, other_losses);
  }
  EXPECT_EQ(losses, other_losses);
}

}  // namespace
}  // namespace microgpt::ngram_model_test
