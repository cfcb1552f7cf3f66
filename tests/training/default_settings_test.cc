// SPDX-License-Identifier: MIT
#include "training/default_settings.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "training/setting_values.h"

namespace microgpt::default_settings_test {
namespace {

constexpr auto kNothingGiven = [](std::string_view) { return false; };

TrainingSize lines(std::size_t documents, std::size_t characters) {
  return {CorpusKind::lines, documents, documents * (characters + 1), characters + 1, 30};
}

TrainSettings fitted(const TrainingSize& size, const IsGiven& is_given = kNothingGiven, TrainSettings run = {}) {
  fit(size, is_given, run);
  return run;
}

std::size_t context_of(const Corpus& corpus, double held_out = 0.0) {
  TrainSettings options;
  options.held_out = held_out;
  return fitted(training_size(corpus, options), kNothingGiven, options).block_size;
}

TEST(DefaultSettings, TheContextHoldsTheLongestDocumentThatIsTrainedOn) {
  EXPECT_EQ(context_of(Corpus::from_lines("test", "ab\nabcd\na\n")), 5U);
  EXPECT_EQ(context_of(Corpus::from_lines("test", "\u4e2d\u6587\n")), 3U) << "characters, not bytes";
  EXPECT_EQ(context_of(embedded_names()), 16U);
  std::string text;
  for (int i = 0; i < 90; ++i) text += std::string(static_cast<std::size_t>(i + 1), 'a') + "\n";
  const Corpus corpus = Corpus::from_lines("test", text);
  EXPECT_EQ(context_of(corpus), 91U);
  EXPECT_LT(context_of(corpus, 0.4), 91U) << "the longest is held out with this seed";
  EXPECT_EQ(context_of(Corpus::from_lines("test", std::string(5000, 'x') + "\n")), kMaxDefaultContext);
  EXPECT_EQ(context_of(Corpus::from_text("test", "abc")), kDefaultTextContext);
}

TEST(DefaultSettings, SizesAreOfTheTrainingPart) {
  TrainSettings options;
  options.held_out = 0.0;
  const TrainingSize size = training_size(Corpus::from_lines("test", "ab\nabcd\na\n"), options);
  EXPECT_EQ(size.documents, 3U);
  EXPECT_EQ(size.positions, 10U);
  EXPECT_EQ(size.vocab_size, 5U);
  const TrainingSize both = size.or_larger(lines(2, 7));
  EXPECT_EQ(both.documents, 3U);
  EXPECT_EQ(both.positions, 16U);
  EXPECT_EQ(both.longest, 8U);
  options.held_out = 0.1;
  EXPECT_LT(training_size(embedded_names(), options).documents, embedded_names().size());
}

// Whatever is brought: each setting has a value that it may have, and a step takes about as long.
TEST(DefaultSettings, AreWithinBoundsForAnyList) {
  for (const std::size_t documents : {1U, 3U, 30U, 300U, 5'000U, 100'000U, 10'000'000U})
    for (const std::size_t characters : {1U, 7U, 60U, 140U, 100'000U})
      for (const CorpusKind kind : {CorpusKind::lines, CorpusKind::text}) {
        TrainingSize size = lines(documents, characters);
        size.kind = kind;
        RunSettings settings{{}, fitted(size)};
        for (const std::string& name : setting_names()) {
          const SettingValue value = setting_value(settings, name);
          EXPECT_EQ(set_setting(settings, name, value), std::nullopt) << name;
        }
        const TrainSettings& run = settings.options;
        const std::size_t positions = std::min(characters + 1, run.block_size);
        EXPECT_LE(run.batch_size * positions, 2500U + 8U * positions);
        EXPECT_GE(run.training.num_steps, 200U);
        EXPECT_LE(run.training.num_steps, 3000U);
        EXPECT_LE(run.training.num_steps * run.batch_size * positions,
                  std::max(std::size_t{7'000'000}, 1500U * (2500U + 8U * positions)));
        EXPECT_LE(run.training.warmup, run.training.num_steps / 10);
        EXPECT_FALSE(kind == CorpusKind::text && run.has_ngram_teacher());
      }
}

TEST(DefaultSettings, AnNgramTeachesWhereItsPredictionsFitIntoMemory) {
  EXPECT_EQ(fitted(lines(100, 12)).ngram_documents, 10.0);
  EXPECT_EQ(fitted(lines(500, 12)).ngram_documents, 2.0);
  EXPECT_EQ(fitted(lines(5000, 12)).ngram_documents, 0.0);
  EXPECT_EQ(fitted(lines(30'000, 12)).training.ngram_share, 0.25);
  EXPECT_FALSE(fitted(lines(1'000'000, 12)).has_ngram_teacher());
  TrainingSize many_characters = lines(1000, 20);
  many_characters.vocab_size = 5000;
  EXPECT_FALSE(fitted(many_characters).has_ngram_teacher());
}

// Documents that are seen often are learned with a rate and a decay that keep the GPT from learning them by heart; and where
// there are enough positions, without the n-gram.
TEST(DefaultSettings, DocumentsThatAreSeenOftenAreLearnedWithCare) {
  const auto is = [](const char* what, const TrainSettings& run, double share, double rate, double decay) {
    EXPECT_EQ(run.training.ngram_share, share) << what;
    EXPECT_EQ(run.training.learning_rate, rate) << what;
    EXPECT_EQ(run.training.adam.weight_decay, decay) << what;
  };
  is("with documents of the n-gram's", fitted(lines(1500, 50)), 0.25, 0.02, 0.2);
  is("few positions", fitted(lines(2400, 11)), 0.25, 0.02, 0.4);
  is("some positions", fitted(lines(5000, 10)), 0.25, 0.03, 0.4);
  is("enough positions", fitted(lines(5000, 11)), 0.0, 0.03, 0.4);
  is("nearly ten epochs", fitted(lines(9601, 20)), 0.25, 0.02, 0.2);
  is("ten epochs", fitted(lines(9600, 20)), 0.0, 0.03, 0.4);
  is("long documents, in small batches", fitted(lines(5000, 140)), 0.25, 0.02, 0.2);
  const auto with = [](auto change, std::vector<std::string_view> given) {
    TrainSettings run;
    change(run);
    fit(
        lines(4000, 20), [&](std::string_view name) { return std::find(given.begin(), given.end(), name) != given.end(); },
        run);
    return run;
  };
  is("narrow", with([](TrainSettings& run) { run.n_embd = 32; }, {"n_embd"}), 0.25, 0.02, 0.2);
  is("wide", with([](TrainSettings& run) { run.n_embd = 128; }, {"n_embd"}), 0.25, 0.014, 0.2);
  is("few steps", with([](TrainSettings& run) { run.training.num_steps = 300; }, {"num_steps"}), 0.25, 0.02, 0.2);
  is("few seconds", with([](TrainSettings& run) { run.seconds = 1.0; }, {}), 0.25, 0.02, 0.1);
  is("few seconds, wide", with([](TrainSettings& run) { run.seconds = 1.0, run.n_embd = 64; }, {"n_embd"}), 0.25, 0.02, 0.1);
  is("Adam", with([](TrainSettings&) {}, {"optimizer"}), 0.25, 0.008, 0.04);
  is("a decay", with([](TrainSettings& run) { run.training.adam.weight_decay = 0.1; }, {"weight_decay"}), 0.25, 0.02, 0.1);
  is("a rate", with([](TrainSettings& run) { run.training.learning_rate = 0.01; }, {"learning_rate"}), 0.25, 0.01, 0.2);
  is("a share", with([](TrainSettings& run) { run.training.ngram_share = 0.5; }, {"ngram_share"}), 0.5, 0.03, 0.4);
  TrainSettings going_on;
  fit(lines(4000, 20), kNothingGiven, going_on, {}, true);
  EXPECT_EQ(going_on.training.ngram_share, 0.25);
  EXPECT_EQ(going_on.training.adam.weight_decay, 0.2);
}

// What is given stays, and what depends on it follows it.
TEST(DefaultSettings, WhatIsGivenStays) {
  RunSettings usual{{}, fitted(lines(5000, 20))};
  for (const std::string_view name : kFittedSettings) {
    RunSettings settings;
    const SettingValue before = setting_value(settings, std::string(name));
    fit(
        lines(5000, 20), [name](std::string_view setting) { return setting == name; }, settings.options);
    EXPECT_EQ(setting_value(settings, std::string(name)), before) << name;
  }
  TrainSettings run;
  run.training.num_steps = 50;
  run.training.optimizer = OptimizerKind::adam;
  fit(
      lines(5000, 20), [](std::string_view name) { return name == "num_steps" || name == "optimizer"; }, run);
  EXPECT_EQ(run.training.warmup, 5U);
  EXPECT_LT(run.training.learning_rate, usual.options.training.learning_rate);
}

TEST(DefaultSettings, WhoWantsNoNgramGetsNoDocumentsOfIts) {
  EXPECT_FALSE(fitted(lines(100, 12), [](std::string_view name) { return name == "ngram_share"; }).has_ngram_teacher());
  TrainSettings run;
  run.ngram_documents = 3.0;
  const auto is_given = [](std::string_view name) { return name == "ngram_share" || name == "ngram_documents"; };
  EXPECT_EQ(fitted(lines(100, 12), is_given, run).ngram_documents, 3.0);
}

TEST(DefaultSettings, OtherSettingsAreLeft) {
  RunSettings settings{{}, fitted(lines(5000, 20))};
  for (const std::string& name : setting_names()) {
    if (std::find(kFittedSettings.begin(), kFittedSettings.end(), name) != kFittedSettings.end()) continue;
    EXPECT_EQ(setting_value(settings, name), setting_value({}, name)) << name;
  }
}

// In few seconds a small model learns more; what is given stays.
TEST(DefaultSettings, FewSecondsAreForASmallModel) {
  const auto width_in = [](double seconds, const IsGiven& is_given = kNothingGiven) {
    TrainSettings run;
    run.seconds = seconds;
    fit(lines(5000, 20), is_given, run);
    return run.n_embd;
  };
  EXPECT_EQ(width_in(2.9), 32U);
  EXPECT_EQ(width_in(3.0), 64U);
  EXPECT_EQ(width_in(1.0, [](std::string_view name) { return name == "n_embd"; }), TrainSettings{}.n_embd);
}

TEST(DefaultSettings, ModelsOfClassesAreSmallWhateverTheirDocuments) {
  for (const std::size_t documents : {20U, 5000U, 100'000U}) {
    const std::vector<TrainSettings> runs =
        settings_of_classes({lines(documents, 20), lines(10, 30)}, kNothingGiven, class_defaults());
    ASSERT_EQ(runs.size(), 2U);
    for (const TrainSettings& run : runs) {
      EXPECT_EQ(run.n_layer, 2U);
      EXPECT_EQ(run.n_embd, 32U);
      EXPECT_EQ(run.block_size, 31U);
      EXPECT_EQ(run.activation, Activation::squared_relu);
      EXPECT_EQ(run.training.adam.weight_decay, 0.1);
      EXPECT_LE(run.training.num_steps, 5000U);
    }
  }
  TrainSettings slow = class_defaults();
  slow.engine = EngineKind::graph;
  const TrainSettings of_graph = settings_of_classes({lines(5000, 20)}, kNothingGiven, slow).front();
  EXPECT_EQ(of_graph.n_layer, TrainSettings{}.n_layer);
  EXPECT_EQ(of_graph.training.adam.weight_decay, 0.0);
  const auto is_given = [](std::string_view name) { return name == "n_layer" || name == "weight_decay"; };
  TrainSettings given = class_defaults();
  given.n_layer = 4;
  given.training.adam.weight_decay = 0.3;
  const TrainSettings run = settings_of_classes({lines(5000, 20)}, is_given, given).front();
  EXPECT_EQ(run.n_layer, 4U);
  EXPECT_EQ(run.training.adam.weight_decay, 0.3);
}

TEST(DefaultSettings, SlowEnginesKeepTheirSmallModel) {
  TrainSettings run;
  run.engine = EngineKind::graph;
  fit(lines(5000, 20), kNothingGiven, run);
  EXPECT_EQ(run.block_size, 21U);
  EXPECT_EQ(run.n_layer, TrainSettings{}.n_layer);
  EXPECT_EQ(run.training.optimizer, OptimizerKind::adam);
}

}  // namespace
}  // namespace microgpt::default_settings_test
