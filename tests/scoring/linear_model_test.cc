// SPDX-License-Identifier: MIT
#include "scoring/linear_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "microgpt/error.h"

namespace microgpt::linear_model_test {
namespace {

constexpr Token kBos = 3;
constexpr std::size_t kVocabSize = 4;

std::vector<std::uint32_t> buckets_of(const std::vector<Token>& tokens) {
  LinearNgrams ngrams(1U << 18U);
  ngrams.begin(kBos);
  std::vector<std::uint32_t> buckets;
  for (const Token token : tokens) {
    const std::span<const std::uint32_t> found = ngrams.add(token);
    buckets.insert(buckets.end(), found.begin(), found.end());
  }
  return buckets;
}

// A weight that tells buckets and classes apart.
LinearModel example(std::size_t classes) {
  LinearModel model(classes, kVocabSize);
  for (std::size_t bucket = 0; bucket < model.buckets(); ++bucket)
    for (std::size_t c = 0; c + 1 < classes; ++c)
      model.weights(static_cast<std::uint32_t>(bucket))[c] = std::sin(static_cast<float>(bucket * classes + c));
  for (std::size_t c = 0; c + 1 < classes; ++c) model.biases()[c] = 0.5F - static_cast<float>(c);
  return model;
}

std::vector<double> said(const LinearModel& model, const std::vector<Token>& tokens) {
  LinearTally tally(model);
  for (const Token token : tokens) tally.add(token);
  return tally.end();
}

TEST(LinearNgrams, AreAllThatEndAtEachToken) {
  const std::vector<std::uint32_t> buckets = buckets_of({0, 1, 0, 2, 1, kBos});
  EXPECT_EQ(buckets.size(), 2U + 3U + 4U + 3U * kLinearOrder);
  EXPECT_EQ(buckets[0], buckets[5]) << "0 is the same wherever it stands";
  EXPECT_NE(buckets[1], buckets[6]) << "but not after another token";
  const std::set<std::uint32_t> different(buckets.begin(), buckets.end());
  EXPECT_EQ(different.size(), buckets.size() - 2) << "0 and 1 occur twice";
  for (const std::uint32_t bucket : buckets) EXPECT_LT(bucket, 1U << 18U);
}

TEST(LinearTally, IsTheSoftmaxOfTheSums) {
  const LinearModel model = example(3);
  const std::vector<Token> document{0, 2, kUnseen, 1, kBos};
  std::vector<double> logits{0.5, -0.5, 0.0};
  const std::vector<std::uint32_t> buckets = buckets_of(document);
  ASSERT_EQ(model.buckets(), 1U << 18U);
  for (const std::uint32_t bucket : buckets)
    for (std::size_t c = 0; c < 2; ++c)
      logits[c] += static_cast<double>(model.weights(bucket)[c]) / std::sqrt(static_cast<double>(buckets.size()));
  double sum = 0.0;
  for (const double logit : logits) sum += std::exp(logit);
  const std::vector<double> logarithms = said(model, document);
  ASSERT_EQ(logarithms.size(), 3U);
  for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(logarithms[c], logits[c] - std::log(sum), 1e-12) << c;
}

TEST(LinearNgrams, NoneHasWhatIsUnseen) {
  const std::vector<std::uint32_t> buckets = buckets_of({0, 1, kUnseen, 2, kBos});
  ASSERT_EQ(buckets.size(), 2U + 3U + 1U + 2U);
  EXPECT_EQ(buckets[5], buckets_of({2})[0]) << "what follows begins anew";
}

TEST(LinearTally, BeginsAnewAfterEachDocument) {
  const LinearModel model = example(2);
  LinearTally tally(model);
  for (const Token token : {0, 1, 2, kBos}) tally.add(token);
  tally.end();
  for (const Token token : {2, kBos}) tally.add(token);
  EXPECT_EQ(tally.end(), said(model, {2, kBos}));
}

TEST(LinearModel, IsReadAsItWasWritten) {
  const LinearModel model = example(2);
  const LinearModel read = LinearModel::from_bytes("file", model.to_bytes(), 2, kVocabSize);
  EXPECT_EQ(read.to_bytes(), model.to_bytes());
  EXPECT_EQ(said(read, {0, 1, kBos}), said(model, {0, 1, kBos}));
}

TEST(LinearModel, ManyClassesShareTheMemory) {
  for (const std::size_t classes : {2U, 17U, 18U, 256U}) {
    const LinearModel model(classes, kVocabSize);
    EXPECT_LE(model.buckets() * (classes - 1), std::size_t{1} << 22U) << classes;
    EXPECT_GE(model.buckets(), 1U << 14U) << classes;
  }
}

TEST(LinearModel, WhatIsDamagedIsRefused) {
  const std::string bytes = example(2).to_bytes();
  const auto refused = [](const std::string& damaged, std::size_t classes = 2, std::size_t vocab_size = kVocabSize) {
    try {
      LinearModel::from_bytes("the/file", damaged, classes, vocab_size);
      return false;
    } catch (const Error& error) {
      return std::string(error.what()).find("the/file") != std::string::npos;
    }
  };
  EXPECT_FALSE(refused(bytes));
  EXPECT_TRUE(refused(""));
  EXPECT_TRUE(refused(bytes.substr(0, 20)));
  EXPECT_TRUE(refused(bytes.substr(0, bytes.size() - 1)));
  EXPECT_TRUE(refused(bytes + "x"));
  EXPECT_TRUE(refused(bytes, 3));
  EXPECT_TRUE(refused(bytes, 2, 5));
  std::string flipped = bytes;
  flipped[1000] = static_cast<char>(flipped[1000] ^ 1);
  EXPECT_TRUE(refused(flipped)) << "the checksum is another";
  LinearModel infinite = example(2);
  infinite.biases()[0] = INFINITY;
  EXPECT_TRUE(refused(infinite.to_bytes()));
}

}  // namespace
}  // namespace microgpt::linear_model_test
