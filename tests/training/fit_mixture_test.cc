// SPDX-License-Identifier: MIT
#include "training/fit_mixture.h"

#include <gtest/gtest.h>

#include <memory>

#include "engine/make_engine.h"
#include "support/models.h"

namespace microgpt::fit_mixture_test {
namespace {

const Config kConfig{.vocab_size = 12, .n_layer = 1, .n_embd = 16, .n_head = 4, .block_size = 6};

// A GPT that knows nothing well, an n-gram that does, and documents of which some are longer than the context.
class FitMixture : public ::testing::Test {
 protected:
  static TokenizedDocuments documents(std::uint64_t seed, std::size_t count) {
    std::string text;
    PythonRandom random(seed);
    for (std::size_t d = 0; d < count; ++d) {
      for (std::uint64_t i = 1 + random.randbelow(14); i > 0; --i)
        text += static_cast<char>('a' + random.randbelow(1 + random.randbelow(kConfig.vocab_size - 1)));
      text += "\n";
    }
    const Corpus corpus = Corpus::from_lines("test", text + "abcdefghijk\n");
    std::vector<std::size_t> all(corpus.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    return TokenizedDocuments(corpus, Tokenizer(corpus), all);
  }

  static NgramModel ngram() {
    const TokenizedDocuments counted = documents(1, 200);
    NgramDocuments all(kConfig.vocab_size);
    std::vector<Token> tokens;
    for (std::size_t d = 0; d < counted.size(); ++d) {
      tokens.resize(counted.positions(d) + 1);
      counted.copy(d, 0, tokens);
      all.add(tokens);
    }
    return {NgramCounts(all), 3};
  }

  static std::unique_ptr<Engine> engine(EngineKind kind, Target target = best_target(), ThreadTeam* team = nullptr) {
    auto engine = kind == EngineKind::fast ? make_fast_engine(kConfig, {target, PrefixSharing::where_it_pays, team})
                                           : make_engine(kind, kConfig, {});
    engine->load(testing::random_parameters(kConfig, 1));
    return engine;
  }

  // What the fit makes least.
  static double objective(Engine& gpt, const NgramModel& ngram, const TokenizedDocuments& validation,
                          const MixtureWeights& weights) {
    const Mixture mixture(ngram, weights);
    const Evaluation loss = *evaluate(gpt, validation, Baseline{&ngram, &mixture}).mixture;
    double sum = loss.loss.token_mean * static_cast<double>(loss.positions);
    const MixtureWeights usual = default_mixture_weights(ngram.order());
    const auto add = [&](const ExponentTerms& terms, const ExponentTerms& default_terms) {
      const auto penalty = [&](double distance) { sum += 10.0 * distance * distance; };
      penalty(terms.base - default_terms.base);
      penalty(8.0 * (terms.evidence_weight - default_terms.evidence_weight));
      for (std::size_t i = 0; i < terms.length_weights.size(); ++i)
        penalty(terms.length_weights[i] - default_terms.length_weights[i]);
    };
    add(weights.gpt, usual.gpt);
    add(weights.ngram, usual.ngram);
    for (const SeenTerms& terms : weights.seen)
      for (const double term : {terms.base, 8.0 * terms.evidence_weight, terms.count_weight}) sum += 10.0 * term * term;
    return sum;
  }
};

TEST_F(FitMixture, FindsTheLeastLossWithItsPenalty) {
  const NgramModel model = ngram();
  const TokenizedDocuments validation = documents(2, 150);
  const auto gpt = engine(EngineKind::fast);
  const MixtureWeights best = fit_mixture(*gpt, model, validation, best_target());
  const double least = objective(*gpt, model, validation, best);
  EXPECT_LT(least, objective(*gpt, model, validation, default_mixture_weights(model.order())));
  MixtureWeights unseen = best;
  unseen.seen.clear();
  EXPECT_LT(least + 1.0, objective(*gpt, model, validation, unseen)) << "what was seen is worth more than a nat";
  const auto is_higher = [&](auto change) {
    for (const double by : {0.05, -0.05}) {
      MixtureWeights other = best;
      change(other, by);
      EXPECT_GT(objective(*gpt, model, validation, other), least);
    }
  };
  is_higher([](MixtureWeights& w, double by) { w.gpt.base += by; });
  is_higher([](MixtureWeights& w, double by) { w.ngram.base += by; });
  is_higher([](MixtureWeights& w, double by) { w.gpt.evidence_weight += by / 8.0; });
  is_higher([](MixtureWeights& w, double by) { w.ngram.evidence_weight += by / 8.0; });
  for (std::size_t i = 0; i + 1 < model.order(); ++i) {
    is_higher([i](MixtureWeights& w, double by) { w.gpt.length_weights[i] += by; });
    is_higher([i](MixtureWeights& w, double by) { w.ngram.length_weights[i] += by; });
    is_higher([i](MixtureWeights& w, double by) { w.seen[i].base += by; });
    is_higher([i](MixtureWeights& w, double by) { w.seen[i].evidence_weight += by / 8.0; });
    is_higher([i](MixtureWeights& w, double by) { w.seen[i].count_weight += by; });
  }
}

TEST_F(FitMixture, HasTheSameBitsOnEveryTargetAndWithThreads) {
  const NgramModel model = ngram();
  const TokenizedDocuments validation = documents(2, 60);
  const std::string expected = mixture_to_json(fit_mixture(*engine(EngineKind::fast), model, validation, best_target()));
  for (const Target target : available_targets())
    EXPECT_EQ(mixture_to_json(fit_mixture(*engine(EngineKind::fast, target), model, validation, target)), expected);
  ThreadTeam team(3);
  EXPECT_EQ(mixture_to_json(fit_mixture(*engine(EngineKind::fast, best_target(), &team), model, validation, best_target())),
            expected);
}

TEST_F(FitMixture, IsNearlyTheSameWithEachEngine) {
  const NgramModel model = ngram();
  const TokenizedDocuments validation = documents(2, 20);
  const MixtureWeights fast = fit_mixture(*engine(EngineKind::fast), model, validation, best_target());
  for (const EngineKind kind : {EngineKind::exact, EngineKind::graph}) {
    const MixtureWeights other = fit_mixture(*engine(kind), model, validation, best_target());
    EXPECT_NEAR(other.gpt.base, fast.gpt.base, 1e-4);
    EXPECT_NEAR(other.ngram.length_weights.back(), fast.ngram.length_weights.back(), 1e-4);
    EXPECT_NEAR(other.seen.back().base, fast.seen.back().base, 1e-4);
  }
}

// With so many tokens that one position of several is taken.
TEST_F(FitMixture, OfManyTakesSome) {
  Config config = kConfig;
  config.vocab_size = 5000;
  config.block_size = 16;
  NgramDocuments counted(config.vocab_size);
  std::string text;
  for (std::size_t d = 0; d < 150; ++d) text += std::string(15, static_cast<char>('a' + d % 20)) + "\n";
  const Corpus corpus = Corpus::from_lines("test", text);
  std::vector<char32_t> characters;
  for (std::size_t i = 0; i + 1 < config.vocab_size; ++i) characters.push_back(static_cast<char32_t>('a' + i));
  std::vector<std::size_t> all(corpus.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  const TokenizedDocuments validation(corpus, Tokenizer::from_characters({characters.begin(), characters.end()}), all);
  ASSERT_GT(validation.all_positions() * config.vocab_size, 2 * kMaxMixtureNumbers);
  std::vector<Token> tokens(17);
  for (std::size_t d = 0; d < 20; ++d) {
    validation.copy(d, 0, std::span(tokens).first(16));
    counted.add(std::span(tokens).first(16));
  }
  const NgramModel model(NgramCounts(counted), 3);
  const auto gpt = make_fast_engine(config);
  gpt->load(testing::random_parameters(config, 1, 0.01));
  const MixtureWeights weights = fit_mixture(*gpt, model, validation, best_target());
  EXPECT_GT(weights.ngram.at(2, 4), 0.7) << "the n-gram knows what comes, and the GPT nothing";
}

TEST_F(FitMixture, TellsHowFarItIs) {
  const TokenizedDocuments validation = documents(2, 20);
  std::size_t seen = 0;
  fit_mixture(*engine(EngineKind::fast), ngram(), validation, best_target(), [&](std::size_t positions) { seen = positions; });
  EXPECT_EQ(seen, validation.all_positions());
}

}  // namespace
}  // namespace microgpt::fit_mixture_test
