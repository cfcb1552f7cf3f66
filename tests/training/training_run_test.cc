// SPDX-License-Identifier: MIT
#include "training/training_run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "io/resource_limits.h"
#include "microgpt/error.h"
#include "model/initialize.h"
#include "text/split.h"

namespace microgpt::training_run_test {
namespace {

// 300 different documents, the first hundred three times.
Corpus repeated_documents() {
  std::string text;
  for (int i = 0; i < 500; ++i) text += "n" + std::to_string(i < 300 ? i : i % 100) + "\n";
  return Corpus::from_lines("test", text);
}

TrainSettings small(std::size_t num_steps = 20) {
  TrainSettings options;
  options.n_embd = 8;
  options.n_head = 2;
  options.block_size = 6;
  options.batch_size = 7;
  options.training.num_steps = num_steps;
  return options;
}

std::vector<double> finish(TrainingRun& run) {
  while (run.trainer().step() < run.trainer().num_steps()) run.trainer().train_step();
  return all_of(run.table(), run.checkpoint().parameters);
}

std::vector<double> trained(const TrainSettings& options, const RunInputs& inputs = {}) {
  const Corpus corpus = repeated_documents();
  TrainingRun run(corpus, options, inputs);
  return finish(run);
}

std::multiset<std::string> texts_of(const TrainingRun& run, const TokenizedDocuments& documents) {
  std::multiset<std::string> texts;
  for (std::size_t d = 0; d < documents.size(); ++d) {
    Batch batch;
    documents.append(d, 0, documents.positions(d), batch);
    texts.insert(run.tokenizer().decode(batch.inputs));
  }
  return texts;
}

TEST(TrainingRun, IsAFunctionOfTheSeed) {
  TrainSettings options = small();
  const std::vector<double> parameters = trained(options);
  EXPECT_EQ(trained(options), parameters);
  options.seed = 43;
  EXPECT_NE(trained(options), parameters);
}

TEST(TrainingRun, EveryTargetComputesTheSameBits) {
  const TrainSettings options = small();
  const std::vector<double> parameters = trained(options);
  for (const Target target : available_targets()) {
    EXPECT_EQ(trained(options, {.resources = {.target = target}}), parameters) << name_of(target);
  }
}

TEST(TrainingRun, DuplicatesAreOnOneSide) {
  const Corpus corpus = repeated_documents();
  TrainSettings options = small();
  options.held_out = 0.2;
  const TrainingRun run(corpus, options);
  const auto training = texts_of(run, run.training());
  const auto validation = texts_of(run, *run.validation());
  const auto test = texts_of(run, *run.test());
  std::set<std::string> different;
  for (const auto* part : {&training, &validation, &test}) {
    const std::set<std::string> part_documents(part->begin(), part->end());
    for (const std::string& text : part_documents) EXPECT_TRUE(different.insert(text).second) << text;
    EXPECT_TRUE(part == &training || part_documents.size() == part->size()) << "each held-out document counts once";
  }
  EXPECT_EQ(different.size(), 300U);
  EXPECT_GT(training.size(), std::set<std::string>(training.begin(), training.end()).size()) << "duplicates are trained on";
}

TEST(TrainingRun, StepsAreThoseOfTheEpochsFromValuesThatFitTheWidth) {
  const Corpus corpus = repeated_documents();
  const TrainSettings options = small();
  TrainingRun run(corpus, options);
  const Tokenizer tokenizer(corpus);
  const auto engine = make_fast_engine(run.config());
  PythonRandom random(options.seed);
  const double std = 0.32 / std::sqrt(8.0);
  engine->load(initial_parameters(ParameterTable(run.config()), {std, std}, random));
  const Split split = split_corpus(corpus, options.seed, options.held_out);
  Epochs epochs(TokenizedDocuments(corpus, tokenizer, split.training), {7, 6, options.seed});
  Trainer trainer(
      *engine, [&](std::size_t step, Batch& batch) { epochs.fill(step, batch); }, options.training);
  std::size_t positions = 0;
  for (std::size_t step = 0; step < options.training.num_steps; ++step) {
    ASSERT_EQ(run.trainer().train_step(), trainer.train_step()) << step;
    Batch batch;
    epochs.fill(step, batch);
    positions += batch.positions();
  }
  EXPECT_EQ(run.trained_positions(), positions);
}

TEST(TrainingRun, TheGraphEngineTakesTheSameSteps) {
  const Corpus corpus = repeated_documents();
  TrainSettings options = small(5);
  TrainingRun fast(corpus, options);
  options.engine = EngineKind::graph;
  TrainingRun graph(corpus, options);
  for (int step = 0; step < 5; ++step) EXPECT_NEAR(fast.trainer().train_step(), graph.trainer().train_step(), 1e-4) << step;
  EXPECT_EQ(fast.precision(), Precision::float32);
  EXPECT_EQ(graph.precision(), Precision::float64);
}

TEST(TrainingRun, SecondsFixTheNumberOfStepsAndChangeNothingElse) {
  const Corpus corpus = repeated_documents();
  TrainSettings options = small();
  options.seconds = 0.05;
  TrainingRun timed(corpus, options);
  const std::size_t num_steps = timed.trainer().num_steps();
  EXPECT_GE(num_steps, 1U);
  EXPECT_EQ(timed.options().training.num_steps, num_steps);
  EXPECT_EQ(timed.trainer().step(), 0U);
  EXPECT_EQ(timed.trained_positions(), 0U) << "the steps that were timed do not count";
  EXPECT_EQ(finish(timed), trained(small(num_steps)));
}

TEST(TrainingRun, MoreSecondsAreMoreSteps) {
  const Corpus corpus = repeated_documents();
  const auto steps_in = [&](double seconds) {
    TrainSettings options = small();
    options.seconds = seconds;
    return TrainingRun(corpus, options).trainer().num_steps();
  };
  EXPECT_GT(steps_in(0.5), steps_in(0.01));
  EXPECT_EQ(steps_in(1e-9), 1U);
}

TEST(TrainingRun, NothingIsHeldOutWhereNothingShallBe) {
  const Corpus corpus = Corpus::from_lines("test", "ab\n");
  TrainSettings options = small();
  EXPECT_THROW(TrainingRun(corpus, options), Error);
  options.held_out = 0.0;
  TrainingRun run(corpus, options);
  EXPECT_FALSE(run.validation());
  EXPECT_FALSE(run.test());
  EXPECT_EQ(run.first_documents(64).documents(), 1U);
  finish(run);
}

TEST(TrainingRun, ValidatesEarlyAndThenAfterEachTenth) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += std::to_string(i) + "\n";
  const Corpus corpus = Corpus::from_lines("test", text);
  TrainSettings options = small(1000);
  options.held_out = 0.0;
  options.batch_size = 4;  // so that an epoch is 25 steps
  const auto steps = [&] {
    TrainingRun run(corpus, options);
    std::vector<std::size_t> all{0};
    for (std::size_t step = 1; step <= 1000; ++step)
      if (run.validates_at(step)) all.push_back(step);
    EXPECT_EQ(run.next_validation(), all[1]);
    return all;
  };
  using Steps = std::vector<std::size_t>;
  EXPECT_EQ(steps(), (Steps{0, 6, 12, 25, 50, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000}));
  options.training.teacher_part = 0.4;
  EXPECT_EQ(steps(), (Steps{0, 6, 12, 25, 50, 100, 200, 300, 400, 406, 412, 425, 450, 500, 600, 700, 800, 900, 1000}));
  options.training.teacher_part = 0.0;
  options.eval_every = 300;
  EXPECT_EQ(steps(), (Steps{0, 300, 600, 900, 1000}));
  options.eval_every = 0;
  EXPECT_EQ(steps(), (Steps{0, 1000}));
}

// The model is the mean of the parameters: that is what validation measures and keeps, and training goes on as without it.
TEST(TrainingRun, TheMeanOfTheParametersIsTheModel) {
  for (const double held_out : {0.2, 0.0})
    for (const EngineKind engine : {EngineKind::fast, EngineKind::exact}) {
      TrainSettings options = small(10);
      options.held_out = held_out;
      options.engine = engine;
      options.eval_every = 0;
      TrainingRun without(repeated_documents(), options);
      options.training.average = 1.0;
      TrainingRun run(repeated_documents(), options);
      std::vector<double> mean(run.table().parameter_count());
      for (double step = 1.0; !run.is_finished(); ++step) {
        if (run.validation_is_due()) run.validate();
        EXPECT_EQ(run.train_step(), without.train_step());
        const std::vector<double> now = all_of(run.table(), run.checkpoint().parameters);
        for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += (now[i] - mean[i]) / step;
        if (run.validation_is_due()) run.validate();
      }
      EXPECT_EQ(all_of(run.table(), run.checkpoint().parameters), all_of(run.table(), without.checkpoint().parameters));
      run.load_best_parameters();
      const std::vector<double> model = all_of(run.table(), run.checkpoint().parameters);
      for (std::size_t i = 0; i < mean.size(); ++i) ASSERT_NEAR(model[i], mean[i], 1e-5);
    }
}

TEST(TrainingRun, MuonIsOfTheFastEngine) {
  TrainSettings options = small();
  options.training.optimizer = OptimizerKind::muon;
  for (const EngineKind engine : {EngineKind::exact, EngineKind::graph}) {
    options.engine = engine;
    EXPECT_THROW(TrainingRun(repeated_documents(), options), ConfigError);
  }
}

TEST(TrainingRun, TheSampleOfTheTrainingPartIsSpreadOverAllOfIt) {
  const Corpus corpus = embedded_names();
  const TrainingRun run(corpus, small());
  EXPECT_EQ(run.training_sample().size(), TrainingRun::kTrainingSample);
  const auto training = texts_of(run, run.training());
  for (const std::string& text : texts_of(run, run.training_sample())) EXPECT_TRUE(training.contains(text)) << text;
  const Corpus few = repeated_documents();
  const TrainingRun small_run(few, small());
  EXPECT_EQ(small_run.training_sample().size(), small_run.training().size());
}

TEST(TrainingRun, FirstDocumentsAreThoseOfTheFirstSteps) {
  const Corpus corpus = repeated_documents();
  TrainingRun run(corpus, small());
  const Batch batch = run.first_documents(10);
  ASSERT_EQ(batch.documents(), 10U);
  EXPECT_EQ(batch.inputs.size(), batch.offsets.back());
  EXPECT_EQ(batch.targets.size(), batch.offsets.back());
}

TEST(TrainingRun, AModelThatDoesNotFitIsRefusedBeforeMemoryIsTaken) {
  constexpr double kBytes = 28.0 * 12 * 12288 * 12288;
  if (static_cast<double>(usable_memory()) > kBytes) GTEST_SKIP() << "it fits here";
  const Corpus corpus = repeated_documents();
  TrainSettings options = small();
  options.n_embd = 12288;
  EXPECT_THROW(TrainingRun(corpus, options), ConfigError);
}

}  // namespace
}  // namespace microgpt::training_run_test
