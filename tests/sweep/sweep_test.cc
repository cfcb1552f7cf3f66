// SPDX-License-Identifier: MIT
#include "sweep/sweep.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>

#include "microgpt/error.h"
#include "scoring/evaluation.h"
#include "support/tiny_sweep.h"
#include "support/tiny_training.h"

namespace microgpt::sweep_test {
namespace {

using testing::contains;
using testing::tiny_configurations;

Corpus tiny() { return Corpus::from_lines("test", testing::tiny_corpus()); }

// Hands them out in order, and keeps what comes back.
class TestQueue : public SweepWork {
 public:
  explicit TestQueue(std::size_t count) : count_(count), results_(count) {}

  std::optional<std::size_t> next() override {
    const std::size_t next = next_++;
    return next < count_ ? std::optional(next) : std::nullopt;
  }
  void step_done(std::size_t) override {
    if (++steps_ == stops_at_) throw Error("enough");
  }
  void take(const NumberedResult& result) override {
    const std::lock_guard lock(mutex_);
    EXPECT_FALSE(results_[result.configuration]) << "trained twice";
    results_[result.configuration] = result.result;
  }

  void stop_at(std::size_t step) { stops_at_ = step; }
  std::size_t steps() const { return steps_; }
  const std::vector<std::optional<SweepResult>>& results() const { return results_; }

 private:
  std::size_t count_;
  std::size_t stops_at_ = 0;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<std::size_t> steps_ = 0;
  std::mutex mutex_;
  std::vector<std::optional<SweepResult>> results_;
};

// The lines of all results, without the seconds.
std::vector<std::string> lines_of(const std::string& grid, std::size_t threads) {
  const Corpus corpus = tiny();
  SweepTrainer trainer(corpus, tiny_configurations(grid), best_target());
  TestQueue queue(trainer.configurations().size());
  run_sweep(trainer, queue, threads);
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < queue.results().size(); ++i) {
    SweepResult result = queue.results()[i].value();
    result.seconds = 0.0;
    lines.push_back(result_line({i, result}));
  }
  return lines;
}

TEST(Sweep, IsTheSameWithAnyNumberOfThreads) {
  const std::string grid = R"({"n_embd": [8, 16], "learning_rate": [0.01, 1e37], "seed": [1, 2], "dropout": [0, 0.1]})";
  const std::vector<std::string> one = lines_of(grid, 1);
  EXPECT_EQ(one.size(), 16U);
  EXPECT_EQ(std::set<std::string>(one.begin(), one.end()).size(), one.size());
  EXPECT_EQ(lines_of(grid, 2), one);
  EXPECT_EQ(lines_of(grid, 5), one);
}

// Its figures are those of a run that is trained alone.
TEST(Sweep, TrainsAsARunDoes) {
  const Corpus corpus = tiny();
  const std::vector<RunSettings> configurations = tiny_configurations(R"({"n_embd": [8, 12], "patience": [null, 1]})");
  SweepTrainer trainer(corpus, configurations, best_target());
  for (std::size_t i = 0; i < configurations.size(); ++i) {
    TrainSettings options = configurations[i].options;
    TrainingRun run(corpus, options, {.with_baseline = true});
    if (run.validation_is_due()) run.validate();
    while (!run.is_finished()) {
      run.trainer().train_step();
      if (run.validation_is_due()) run.validate();
    }
    const std::size_t steps = run.trainer().step();
    run.load_best_parameters();
    std::size_t counted = 0;
    const SweepResult result = trainer.train(i, [&] { ++counted; });
    EXPECT_EQ(counted, steps);
    EXPECT_EQ(result.steps, steps);
    EXPECT_EQ(result.model_step, run.progress().best_step);
    EXPECT_EQ(result.parameters, run.table().parameter_count());
    EXPECT_EQ(result.losses->validation.token_mean, evaluate(run.engine(), *run.validation()).loss.token_mean);
    EXPECT_EQ(result.losses->test.document_mean, evaluate(run.engine(), *run.test()).loss.document_mean);
    EXPECT_EQ(result.baseline.order, run.baseline()->order());
    EXPECT_EQ(result.baseline.losses.test.token_mean, evaluate(*run.baseline(), *run.test()).loss.token_mean);
    EXPECT_GT(result.seconds, 0.0);
  }
}

TEST(Sweep, ATrainingThatGoesWrongIsAResult) {
  const Corpus corpus = tiny();
  SweepTrainer trainer(corpus, tiny_configurations(R"({"learning_rate": 1e37})"), best_target());
  const SweepResult result = trainer.train(0, [] {});
  EXPECT_FALSE(result.losses);
  EXPECT_TRUE(contains(result.failure, "is not a number")) << result.failure;
  EXPECT_LT(result.steps, 20U);
}

// Its graph has more nodes than are possible, which only the engine knows.
TEST(Sweep, ATrainingThatCannotBeginIsAResult) {
  const Corpus corpus = tiny();
  SweepTrainer trainer(corpus, tiny_configurations(R"({"engine": "graph", "n_embd": [12288, 8], "num_steps": 2})"),
                       best_target());
  const SweepResult result = trainer.train(0, [] { FAIL(); });
  EXPECT_FALSE(result.losses);
  EXPECT_TRUE(contains(result.failure, "choose smaller sizes")) << result.failure;
  EXPECT_EQ(result.steps, 0U);
  EXPECT_TRUE(trainer.train(1, [] {}).losses);
}

TEST(Sweep, AnErrorOfTheQueueEndsIt) {
  const Corpus corpus = tiny();
  for (const std::size_t threads : {std::size_t{1}, std::size_t{3}}) {
    SweepTrainer trainer(corpus, tiny_configurations(R"({"seed": [1, 2, 3, 4, 5, 6, 7, 8]})"), best_target());
    TestQueue queue(8);
    queue.stop_at(50);
    EXPECT_THROW(run_sweep(trainer, queue, threads), Error);
    EXPECT_LT(queue.steps(), 8U * 20U);
  }
}

std::string complaint_of(const std::string& grid) {
  const Corpus corpus = tiny();
  try {
    const SweepTrainer trainer(corpus, tiny_configurations(grid), best_target());
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Sweep, RefusesEveryConfigurationThatCannotBeTrained) {
  EXPECT_EQ(complaint_of(R"({"n_embd": [8, 9, 10], "seed": [1, 2]})"),
            "n_embd 9 is not a multiple of n_head 2 (configuration 3: n_embd 9, seed 1)");
  EXPECT_TRUE(contains(complaint_of(R"({"held_out": [0.1, 0]})"), "(configuration 2: held_out 0)"));
  EXPECT_TRUE(contains(complaint_of(R"({"engine": ["fast", "exact"], "dropout": 0.1})"), "(configuration 2: engine exact)"));
  EXPECT_TRUE(contains(complaint_of(R"({"held_out": [0.1, 0.5]})"), "held_out"));
}

TEST(Sweep, BeginsWithTheLongest) {
  const Corpus corpus = tiny();
  const SweepTrainer trainer(corpus, tiny_configurations(R"({"n_embd": [8, 32], "num_steps": [10, 1000, 100]})"),
                             best_target());
  // num_steps comes first: 10, 1000, 100 with 8 and 32 features each, of which 32 are eleven times the work.
  EXPECT_EQ(longest_first(trainer, {0, 1, 2, 3, 4, 5}), (std::vector<std::size_t>{3, 5, 2, 1, 4, 0}));
  const SweepTrainer seeds(corpus, tiny_configurations(R"({"clip": [null, 1], "seed": [2, 1]})"), best_target());
  EXPECT_EQ(longest_first(seeds, {0, 1, 2, 3}), (std::vector<std::size_t>{1, 3, 0, 2})) << "seed by seed";
}

}  // namespace
}  // namespace microgpt::sweep_test
