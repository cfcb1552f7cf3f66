// SPDX-License-Identifier: MIT
#include "training/longer_run.h"

#include <gtest/gtest.h>

#include "microgpt/error.h"
#include "support/process.h"

namespace microgpt::longer_run_test {
namespace {

using testing::TemporaryFolder;

// A run of 12 steps, the first 6 of a teacher, that was stopped.
class LongerRunWithTeacher : public ::testing::Test {
 protected:
  void stop_at(std::size_t step) {
    std::string text;
    for (int i = 0; i < 100; ++i) text += "n" + std::to_string(i) + "\n";
    TrainSettings options;
    options.n_embd = 8;
    options.n_head = 2;
    options.block_size = 4;
    options.batch_size = 3;
    options.training.num_steps = 12;
    options.training.teacher_part = 0.5;
    TrainingRun run(Corpus::from_lines("test", text), options, {.with_baseline = true});
    folder_.begin({{std::nullopt, std::string(64, '0'), {}}, run.options()}, run.config(), run.tokenizer(), *run.baseline(),
                  run.checkpoint());
    while (run.trainer().step() < step) run.train_step();
    folder_.save(run.config(), run.checkpoint());
    config_ = run.config();
  }

  TrainState longer(std::size_t num_steps, const std::string& command_line = "more") {
    TrainState state = folder_.read_state();
    EXPECT_FALSE(make_longer(folder_, state, config_, num_steps, command_line));
    EXPECT_EQ(train_state_to_json(state), train_state_to_json(folder_.read_state()));
    return state;
  }

  std::string complaint(std::size_t num_steps) {
    try {
      longer(num_steps);
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "";
  }

  TemporaryFolder temporary_;
  RunFolder folder_{temporary_.path("run"), RunFolder::Purpose::begin};
  Config config_;
};

TEST_F(LongerRunWithTeacher, KeepsTheStepsOfTheTeacher) {
  for (const std::size_t step : {3U, 6U, 8U}) {
    stop_at(step);
    for (std::size_t num_steps = 9; num_steps < 60; ++num_steps)
      ASSERT_EQ(longer(num_steps).options.training.teacher_steps(), 6U) << num_steps;
  }
}

TEST_F(LongerRunWithTeacher, LeavesAStepForTheModel) {
  stop_at(3);
  const std::string run = temporary_.path("run");
  EXPECT_EQ(complaint(3), "num_steps 3: the run in " + run + " has done 3 steps; give a larger number");
  EXPECT_EQ(complaint(6), "num_steps 6: the teacher of the run in " + run + " takes 6 steps; give a larger number");
  EXPECT_EQ(complaint(7), "") << "the run may be shorter than it was to be";
}

TEST_F(LongerRunWithTeacher, OfNoStepHasTheTeacherOfTheNewNumber) {
  stop_at(0);
  EXPECT_EQ(longer(40).options.training.teacher_steps(), 20U);
}

TEST_F(LongerRunWithTeacher, NotesTheCommandOnceAndNotForever) {
  stop_at(8);
  EXPECT_EQ(longer(20).command_line, "\nmore");
  EXPECT_EQ(longer(20).command_line, "\nmore") << "the same number again";
  for (std::size_t n = 21; n < 40; ++n) longer(n, std::string(1000, static_cast<char>('A' + n % 26)));
  EXPECT_LT(folder_.read_state().command_line.size(), 6000U);
}

}  // namespace
}  // namespace microgpt::longer_run_test
