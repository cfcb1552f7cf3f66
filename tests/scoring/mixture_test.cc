// SPDX-License-Identifier: MIT
#include "scoring/mixture.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "microgpt/error.h"
#include "random/python_random.h"
#include "support/ngram_documents.h"

namespace microgpt::mixture_test {
namespace {

NgramModel some_model(std::size_t vocab_size, std::size_t order = 4) {
  return {NgramCounts(testing::ngram_documents(testing::random_documents(1, 40, 12, vocab_size), vocab_size)), order};
}

MixtureWeights some_weights(std::size_t order) {
  MixtureWeights weights{{0.5, 0.02, {}}, {0.6, -0.03, {}}};
  for (std::size_t length = 1; length < order; ++length) {
    weights.gpt.length_weights.push_back(0.1 * static_cast<double>(length));
    weights.ngram.length_weights.push_back(-0.05 * static_cast<double>(length));
    weights.seen.push_back({0.1 - 0.2 * static_cast<double>(length), 0.05, 0.3 / static_cast<double>(length)});
  }
  return weights;
}

std::vector<float> some_logits(std::size_t vocab_size, std::uint64_t seed) {
  PythonRandom random(seed);
  std::vector<float> logits;
  for (std::size_t v = 0; v < vocab_size; ++v) logits.push_back(static_cast<float>(8.0 * random.random() - 4.0));
  return logits;
}

// Contexts of all lengths, as a document meets them.
std::vector<NgramModel::Context> contexts_of(const NgramModel& model) {
  std::vector<NgramModel::Context> contexts;
  for (const testing::Tokens& document : testing::random_documents(2, 5, 12, model.vocab_size())) {
    NgramModel::Context context = model.start();
    for (std::size_t i = 1; i < document.size(); ++i) {
      contexts.push_back(context);
      context = model.next(context, document[i]);
    }
  }
  return contexts;
}

std::vector<double> probabilities_of(std::vector<float> logits) {
  std::vector<double> p;
  for (const float x : logits) p.push_back(std::exp(static_cast<double>(x)));
  const double sum = std::accumulate(p.begin(), p.end(), 0.0);
  for (double& each : p) each /= sum;
  return p;
}

// What each token gains, as the header says it.
std::vector<double> gains_of(const NgramModel& ngram, const MixtureWeights& weights, NgramModel::Context context) {
  std::vector<double> gains(ngram.vocab_size());
  for (std::size_t length = ngram.length(context); length > 0; context = ngram.shorter(context), --length) {
    const SeenTerms& terms = weights.seen[length - 1];
    ngram.for_each_seen(context, [&](Token token, std::uint32_t count) {
      gains[static_cast<std::size_t>(token)] += terms.base +
                                                terms.evidence_weight * static_cast<double>(ngram.evidence(context)) +
                                                terms.count_weight * std::floor(std::log2(static_cast<double>(count)));
    });
  }
  return gains;
}

TEST(Mixture, IsTheProductOfBothWithTheExponentsOfTheContextAndOfWhatWasSeen) {
  for (const std::size_t vocab_size : {5U, 27U, 300U}) {
    const NgramModel ngram = some_model(vocab_size);
    const MixtureWeights weights = some_weights(ngram.order());
    const Mixture mixture(ngram, weights);
    std::vector<double> ngram_probabilities(vocab_size);
    std::size_t longest = 0;
    for (const NgramModel::Context context : contexts_of(ngram)) {
      const std::size_t length = ngram.length(context), evidence = ngram.evidence(context);
      longest = std::max(longest, length);
      const double g = weights.gpt.at(length, evidence), n = weights.ngram.at(length, evidence);
      EXPECT_NEAR(mixture.exponents(context).gpt, g, 1e-6);
      EXPECT_NEAR(mixture.exponents(context).ngram, n, 1e-6);
      ngram.distribution(context, ngram_probabilities);
      const std::vector<double> gpt_probabilities = probabilities_of(some_logits(vocab_size, 3));
      std::vector<float> mixed = some_logits(vocab_size, 3);
      mixture.mix(context, mixed);
      const std::vector<double> p = probabilities_of(mixed);
      const std::vector<double> gains = gains_of(ngram, weights, context);
      const auto product = [&](std::size_t v) {
        return std::pow(gpt_probabilities[v], g) * std::pow(ngram_probabilities[v], n) * std::exp(gains[v]);
      };
      double sum = 0.0;
      for (std::size_t v = 0; v < vocab_size; ++v) sum += product(v);
      for (std::size_t v = 0; v < vocab_size; ++v) ASSERT_NEAR(p[v], product(v) / sum, 2e-6) << v;
    }
    EXPECT_EQ(longest, ngram.order() - 1);
  }
}

TEST(Mixture, TellsWhatWasSeenAfterEachEndOfTheContext) {
  const NgramModel ngram(NgramCounts(testing::ngram_documents({testing::document("abab", 4), testing::document("acab", 4),
                                                               testing::document("bab", 4), testing::document("abc", 4)},
                                                              4)),
                         3);
  const std::vector<double> none(2);
  const auto gains = [&](std::vector<SeenTerms> seen) {
    std::vector<float> logits(4);
    NgramModel::Context context = ngram.start();
    for (const Token token : {1, 0}) context = ngram.next(context, token);  // "ba"
    Mixture(ngram, {{1.0, 0.0, none}, {0.0, 0.0, none}, std::move(seen)}).mix(context, logits);
    return logits;
  };
  // After "ba" came b twice; after "a" came b after three different tokens, b, c and BOS, and c after BOS alone.
  EXPECT_EQ(gains({{1.0, 0.0, 0.0}, {}}), (std::vector<float>{0, 1, 1, 0}));
  EXPECT_EQ(gains({{}, {1.0, 0.0, 0.0}}), (std::vector<float>{0, 1, 0, 0}));
  EXPECT_EQ(gains({{}, {0.0, 1.0, 0.0}}), (std::vector<float>{0, 2, 0, 0})) << "2 has two digits";
  EXPECT_EQ(gains({{0.0, 1.0, 0.0}, {}}), (std::vector<float>{0, 3, 3, 0})) << "4 has three digits";
  EXPECT_EQ(gains({{}, {0.0, 0.0, 1.0}}), (std::vector<float>{0, 1, 0, 0})) << "2 is 1, once doubled";
  EXPECT_EQ(gains({{0.0, 0.0, 1.0}, {}}), (std::vector<float>{0, 1, 0, 0}));
}

TEST(Mixture, OfTheGptAloneChangesNothing) {
  const NgramModel ngram = some_model(27);
  const std::vector<double> none(ngram.order() - 1);
  const Mixture mixture(ngram, {{1.0, 0.0, none}, {0.0, 0.0, none}, {}});
  std::vector<float> logits = some_logits(27, 1);
  mixture.mix(ngram.start(), logits);
  EXPECT_EQ(logits, some_logits(27, 1));
}

TEST(Mixture, HasTheSameBitsOnEveryTarget) {
  const NgramModel ngram = some_model(27);
  std::vector<float> expected = some_logits(27, 1);
  Mixture(ngram, some_weights(ngram.order())).mix(ngram.start(), expected);
  for (const Target target : available_targets()) {
    std::vector<float> logits = some_logits(27, 1);
    Mixture(ngram, some_weights(ngram.order()), target).mix(ngram.start(), logits);
    EXPECT_EQ(logits, expected) << name_of(target);
  }
}

TEST(Mixture, IsReadAsItWasWritten) {
  const MixtureWeights weights = some_weights(4);
  const std::string text = mixture_to_json(weights);
  EXPECT_EQ(mixture_to_json(mixture_from_json("file", text, 4)), text);
  EXPECT_EQ(mixture_from_json("file", text, 4).ngram.length_weights, weights.ngram.length_weights);
  EXPECT_EQ(mixture_from_json("file", text, 4).seen[1].count_weight, weights.seen[1].count_weight);
  EXPECT_THROW(mixture_from_json("file", text, 5), Error) << "another order";
  MixtureWeights large = weights;
  large.ngram.length_weights[1] = 1e30;
  EXPECT_THROW(mixture_from_json("file", mixture_to_json(large), 4), Error);
  for (const char* damaged : {"nonsense", "{}", "{\"format\": \"microgpt mixture\", \"version\": 4}",
                              "{\"format\": \"microgpt mixture\", \"version\": 3}"})
    EXPECT_THROW(mixture_from_json("file", damaged, 4), Error) << damaged;
}

TEST(Mixture, OfVersion2HasNothingOfWhatWasSeen) {
  const std::string terms = R"({"base": 0.5, "of_evidence": 0.1, "of_lengths": [0.25]})";
  const std::string text = R"({"format": "microgpt mixture", "version": 2, "gpt": )" + terms + R"(, "ngram": )" + terms + "}";
  const MixtureWeights weights = mixture_from_json("file", text, 2);
  EXPECT_EQ(weights.ngram.length_weights, std::vector{0.25});
  EXPECT_TRUE(weights.seen.empty());
  EXPECT_THROW(mixture_from_json("file", text.substr(0, text.size() - 1) + R"(, "seen": {}})", 2), Error);
}

TEST(Mixture, EvidenceIsWhatWasSeenAfterAContext) {
  const NgramModel ngram(NgramCounts(testing::ngram_documents(
                             {testing::document("aab", 4), testing::document("aab", 4), testing::document("ab", 4)}, 4)),
                         2);
  const NgramModel::Context after_a = ngram.next(ngram.start(), 0);
  EXPECT_EQ(ngram.length(after_a), 1U);
  EXPECT_EQ(ngram.evidence(after_a), 3U) << "a after a twice, b thrice: 5 has three binary digits";
}

}  // namespace
}  // namespace microgpt::mixture_test
