// SPDX-License-Identifier: MIT
// Ranks make the results of one process, whatever their number, and end together.
#include "sweep/sweep_coordinator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "microgpt/error.h"
#include "support/thread_ranks.h"
#include "support/tiny_sweep.h"
#include "support/tiny_training.h"

namespace microgpt::sweep_coordinator_test {
namespace {

using testing::contains;
using testing::tiny_configurations;

constexpr std::size_t kSizes[] = {2, 3, 5};

// Hands them out in order, and keeps the lines that come back, without the seconds.
class TestQueue : public SweepWork {
 public:
  explicit TestQueue(std::size_t count) : lines_(count) {}

  std::optional<std::size_t> next() override {
    const std::size_t next = next_++;
    return next < lines_.size() ? std::optional(next) : std::nullopt;
  }
  void step_done(std::size_t) override {
    if (fails_at_step_) throw Error("a signal has come");
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return taken_ >= awaited_; });
  }
  void take(const NumberedResult& numbered) override {
    const std::scoped_lock lock(mutex_);
    ++taken_;
    changed_.notify_all();
    if (fails_at_result_) throw Error("the disk is full");
    NumberedResult result = numbered;
    result.result.seconds = 0.0;
    EXPECT_EQ(lines_[result.configuration], "") << "trained twice";
    lines_[result.configuration] = result_line(result);
  }

  // Training on rank 0 goes on after its first step when so many results have come.
  void wait_for_others(std::size_t results) { awaited_ = results; }
  void fail_at_step() { fails_at_step_ = true; }
  void fail_at_result() { fails_at_result_ = true; }
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  std::atomic<std::size_t> next_ = 0;
  bool fails_at_step_ = false;
  bool fails_at_result_ = false;
  std::size_t awaited_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t taken_ = 0;
  std::vector<std::string> lines_;
};

// Each rank has another number of threads.
void serve(Ranks& ranks) {
  run_sweep_worker(ranks, [&] { return SweepResources{1 + ranks.rank() % 2, best_target()}; });
}

// Calls work() on rank 0 of so many.
template <typename Work>
void run_on_rank_0(std::size_t size, const Work& work) {
  testing::run_coordinated<SweepCoordinator>(size, work, serve);
}

void expect_same_results(const Corpus& corpus, const std::vector<RunSettings>& configurations) {
  SweepTrainer alone(corpus, configurations, best_target());
  TestQueue expected(configurations.size());
  run_sweep(alone, expected, 1);
  for (const std::size_t size : kSizes) {
    SCOPED_TRACE(size);
    SweepTrainer trainer(corpus, configurations, best_target());
    TestQueue queue(configurations.size());
    run_on_rank_0(size, [&](SweepCoordinator& coordinator) {
      coordinator.begin(corpus, trainer);
      coordinator.run(trainer, queue, 1);
    });
    EXPECT_EQ(queue.lines(), expected.lines());
  }
}

TEST(SweepCoordinator, TheResultsOfOneProcess) {
  expect_same_results(
      Corpus::from_lines("test", testing::tiny_corpus()),
      tiny_configurations(
          R"({"n_embd": [8, 16], "learning_rate": [0.01, 1e37], "seed": [1, 2], "dropout": [0, 0.1], "teacher_part": [0, 0.5]})"));
}

// Bytes that are no UTF-8, a mark that stays and one that does not, all ends of lines, white space of every kind.
TEST(SweepCoordinator, TheSameCorpusOnEachRank) {
  const std::string text = testing::tiny_corpus();
  const std::string mark = "\xEF\xBB\xBF";
  expect_same_results(Corpus::from_lines("test", mark + mark + " a\r\n\r\t\xE2\x80\x83z \r" + text),
                      tiny_configurations(R"({"seed": [1, 2, 3]})"));
  expect_same_results(Corpus("test", "\xFF\xE2\r\n" + text, {.encoding = Encoding::bytes}),
                      tiny_configurations(R"({"encoding": "bytes", "seed": [1, 2, 3]})"));
  expect_same_results(Corpus::from_text("test", mark + " \r\n" + text + "\r\r"),
                      tiny_configurations(R"({"split": "text", "seed": [1, 2, 3]})"));
}

// Rank 0 waits at its first step until the others have trained all the rest.
TEST(SweepCoordinator, AllRanksTrain) {
  const Corpus corpus = Corpus::from_lines("test", testing::tiny_corpus());
  SweepTrainer trainer(corpus, tiny_configurations(R"({"seed": [1, 2, 3, 4, 5, 6, 7, 8, 9]})"), best_target());
  TestQueue queue(9);
  queue.wait_for_others(8);
  run_on_rank_0(3, [&](SweepCoordinator& coordinator) {
    coordinator.begin(corpus, trainer);
    coordinator.run(trainer, queue, 1);
  });
  EXPECT_EQ(std::count(queue.lines().begin(), queue.lines().end(), ""), 0);
}

// What three ranks throw. By default no training ends by itself.
template <typename Prepare, typename Serve>
std::string error_of(const Prepare& prepare, const Serve& serve_others, std::size_t num_steps = 1'000'000'000) {
  const Corpus corpus = Corpus::from_lines("test", testing::tiny_corpus());
  std::vector<RunSettings> configurations = tiny_configurations(R"({"seed": [1, 2, 3, 4, 5, 6]})");
  for (RunSettings& settings : configurations) settings.options.training.num_steps = num_steps;
  SweepTrainer trainer(corpus, configurations, best_target());
  std::string error;
  testing::run_coordinated<SweepCoordinator>(
      3,
      [&](SweepCoordinator& coordinator) {
        TestQueue queue(6);
        prepare(queue);
        try {
          coordinator.begin(corpus, trainer);
          coordinator.run(trainer, queue, 1);
        } catch (const Error& caught) {
          error = caught.what();
        }
      },
      serve_others);
  return error;
}

TEST(SweepCoordinator, AnErrorOfRank0EndsAll) {
  EXPECT_EQ(error_of([](TestQueue& queue) { queue.fail_at_step(); }, serve), "a signal has come");
}

TEST(SweepCoordinator, AnErrorOfAnotherRankEndsAll) {
  const auto serve_badly = [](Ranks& ranks) {
    if (ranks.rank() == 1) return serve(ranks);
    run_sweep_worker(ranks, []() -> SweepResources { throw Error("no such instruction set"); });
  };
  EXPECT_EQ(error_of([](TestQueue&) {}, serve_badly), "rank 2: no such instruction set");
}

TEST(SweepCoordinator, AResultOfAnotherThatIsNotTakenEndsAll) {
  const auto prepare = [](TestQueue& queue) {
    queue.wait_for_others(1);
    queue.fail_at_result();
  };
  EXPECT_EQ(error_of(prepare, serve, 20), "the disk is full");
}

TEST(SweepCoordinator, ShutsDownWithoutASweep) {
  run_on_rank_0(3, [](SweepCoordinator&) {});
  const Corpus corpus = Corpus::from_lines("test", testing::tiny_corpus());
  const SweepTrainer trainer(corpus, tiny_configurations(R"({"seed": [1, 2]})"), best_target());
  run_on_rank_0(3, [&](SweepCoordinator& coordinator) { EXPECT_EQ(coordinator.begin(corpus, trainer), 3U); });
}

}  // namespace
}  // namespace microgpt::sweep_coordinator_test
