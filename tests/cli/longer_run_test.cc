// SPDX-License-Identifier: MIT
// `train --resume DIR --num-steps N` as a user calls it.
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "support/tiny_training.h"
#include "training/run_folder.h"
#include "training/run_log.h"

namespace microgpt::testing::longer_run_test {
namespace {

class LongerRun : public ::testing::Test {
 protected:
  ProcessResult begin(const std::string& folder, const Words& more) const {
    // The warm-up would be a tenth of the steps.
    Words call{"train",          corpus_,           "-o",        folder, "--n-embd=8", "--n-head=2", "--n-layer=1",
               "--batch-size=8", "--num-samples=0", "--warmup=0"};
    call.insert(call.end(), more.begin(), more.end());
    return run_microgpt(call);
  }

  static ProcessResult resume(const std::string& folder, const Words& more = {}) {
    Words call{"train", "--resume", folder, "--num-samples", "0"};
    call.insert(call.end(), more.begin(), more.end());
    return run_microgpt(call);
  }

  // Those that have a part in them.
  static Words lines_from(const std::string& text, const std::string& part) {
    Words lines;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
      lines.push_back(text.substr(at, text.find('\n', at) - at));
    return lines;
  }

  static void expect_same(const std::string& folder, const std::string& other) {
    for (const char* file : {"/model.safetensors", "/checkpoint.safetensors"})
      EXPECT_TRUE(read_text(folder + file) == read_text(other + file)) << file;
  }

  // Where the schedule does not depend on the number of steps, nothing does.
  void expect_same_as_at_once(const Words& flags, const Words& first, const Words& whole) const {
    const auto with = [&](const Words& more) {
      Words all = flags;
      all.insert(all.end(), more.begin(), more.end());
      return all;
    };
    std::filesystem::remove_all(run_);
    std::filesystem::remove_all(other_);
    ASSERT_EQ(begin(run_, with(first)).exit_code, 0);
    ASSERT_EQ(begin(other_, with(whole)).exit_code, 0);
    const ProcessResult longer = resume(run_, {"--num-steps=60"});
    ASSERT_EQ(longer.exit_code, 0) << longer.err;
    EXPECT_TRUE(contains(longer.out, "going on after step 30\n")) << longer.out;
    EXPECT_TRUE(contains(longer.out, "step 60:")) << longer.out;
    expect_same(run_, other_);
  }

  TemporaryFolder folder_;
  std::string corpus_ = folder_.write("corpus", tiny_corpus());
  std::string run_ = folder_.path("run");
  std::string other_ = folder_.path("other");
};

TEST_F(LongerRun, IsTheRunThatHadAllStepsFromTheStart) {
  const Words flags{"--schedule=constant", "--eval-every=10"};
  expect_same_as_at_once(flags, {"--num-steps=30"}, {"--num-steps=60"});
  EXPECT_EQ(load_train_state(run_)->options.training.num_steps, 60U);
  const std::string card = read_text(run_ + "/README.md");
  EXPECT_TRUE(contains(card, "| trained for | 60 of 60 steps")) << card;
  EXPECT_TRUE(contains(card, "--num-steps=30\nmicrogpt train --resume run --num-samples 0 --num-steps=60\n")) << card;
  const std::string picture = read_text(run_ + "/loss.svg"), whole = read_text(other_ + "/loss.svg");
  for (const char* line : {"<polyline class=\"train\"", "<polyline class=\"validation\"", "<circle class=\"kept\""})
    EXPECT_EQ(lines_from(picture, line), lines_from(whole, line)) << line;
  EXPECT_EQ(lines_with(whole, "<circle class=\"step\""), 60U + 1U) << "with that of the legend";
  EXPECT_EQ(lines_with(picture, "<circle class=\"step\""), 30U + 1U) << "those since it went on";
}

TEST_F(LongerRun, KeepsTheStepsOfItsTeacherAndTheMeanOfItsParameters) {
  const Words flags{"--schedule=constant", "--eval-every=10", "--average=0.1"};
  expect_same_as_at_once(flags, {"--num-steps=30", "--teacher-part=0.4"}, {"--num-steps=60", "--teacher-part=0.2"});
  EXPECT_EQ(load_train_state(run_)->options.training.teacher_part, 0.2);
  EXPECT_TRUE(contains(read_text(run_ + "/README.md"), "which the first 12 steps trained")) << read_text(run_ + "/README.md");
}

TEST_F(LongerRun, MixesWithItsNgramAnew) {
  const Words flags{"--schedule=constant", "--eval-every=10"};
  expect_same_as_at_once(flags, {"--num-steps=30"}, {"--num-steps=60"});
  EXPECT_EQ(read_text(run_ + "/mixture.json"), read_text(other_ + "/mixture.json"));
}

TEST_F(LongerRun, HasTheRateOfTheNewNumberOfStepsFromThereOn) {
  ASSERT_EQ(begin(run_, {"--num-steps=30", "--schedule=linear", "--learning-rate=0.01", "--eval-every=10"}).exit_code, 0);
  ASSERT_EQ(resume(run_, {"--num-steps", "60"}).exit_code, 0);
  const RunLog log(run_ + "/log.jsonl", 60);
  ASSERT_EQ(log.entries().size(), 7U);
  const auto rate = [&](std::size_t entry) { return log.entries()[entry].learning_rate; };
  EXPECT_DOUBLE_EQ(rate(3), 0.01 * (1.0 - 29.0 / 30.0));
  EXPECT_DOUBLE_EQ(rate(4), 0.01 * (1.0 - 39.0 / 60.0));
  EXPECT_DOUBLE_EQ(rate(6), 0.01 * (1.0 - 59.0 / 60.0));
}

TEST_F(LongerRun, GoesOnToTheNewNumberAfterAnInterruption) {
  ASSERT_EQ(begin(run_, {"--num-steps=30", "--teacher-part=0.4"}).exit_code, 0);
  std::filesystem::copy(run_, other_);
  ASSERT_EQ(resume(other_, {"--num-steps=3000"}).exit_code, 0);
  const ProcessResult stopped = signal_microgpt({"train", "--resume", run_, "--num-steps=3000"}, SIGTERM);
  EXPECT_EQ(stopped.exit_code, 143) << stopped.err;
  // The same number again changes nothing.
  const ProcessResult again = signal_microgpt({"train", "--resume", run_, "--num-steps=3000"}, SIGTERM);
  EXPECT_EQ(again.exit_code, 143) << again.err;
  ASSERT_EQ(resume(run_).exit_code, 0);
  expect_same(run_, other_);
  EXPECT_TRUE(contains(resume(run_).err, "is finished: 3000 of 3000 steps"));
}

// One that has done no step is a new run of so many.
TEST_F(LongerRun, OfNoStepBeginsAsTheNewNumberWould) {
  ASSERT_EQ(begin(run_, {"--num-steps=0", "--teacher-part=0.4"}).exit_code, 0);
  ASSERT_EQ(begin(other_, {"--num-steps=30", "--teacher-part=0.4"}).exit_code, 0);
  const ProcessResult result = resume(run_, {"--num-steps=30"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  expect_same(run_, other_);
}

TEST_F(LongerRun, PatienceThatHadRunOutCountsAnew) {
  ASSERT_EQ(begin(run_, {"--num-steps=30", "--learning-rate=5", "--eval-every=3", "--patience=2"}).exit_code, 0);
  const auto steps = [&] { return lines_with(read_text(run_ + "/log.jsonl"), "\"step\""); };
  const std::size_t before = steps();
  const ProcessResult result = resume(run_, {"--num-steps", "60"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(contains(result.err, "the patience of the run in " + run_ + " had run out; it counts anew\n")) << result.err;
  EXPECT_TRUE(contains(result.out, "of 60 steps, as the last 2 validation losses were no better")) << result.out;
  EXPECT_EQ(steps(), before + 2);
  const ProcessResult finished = resume(run_);
  EXPECT_EQ(finished.out, "");
  EXPECT_TRUE(contains(finished.err, " of 60 steps, as the last 2 ")) << finished.err;
  EXPECT_EQ(resume(run_, {"--num-steps", "60"}).exit_code, 0) << "more than are done";
  EXPECT_EQ(steps(), before + 4);
}

TEST_F(LongerRun, IsRefusedWhereSoManyStepsAreDone) {
  ASSERT_EQ(begin(run_, {"--num-steps=30"}).exit_code, 0);
  const std::string state = read_text(run_ + "/train_state.json");
  for (const char* number : {"0", "29", "30"}) {
    const ProcessResult result = resume(run_, {"--num-steps", number});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.err, std::string("microgpt: --num-steps ") + number + ": the run in " + run_ +
                              " has done 30 steps; give a larger number\n");
  }
  EXPECT_EQ(read_text(run_ + "/train_state.json"), state);
  EXPECT_TRUE(std::filesystem::exists(run_ + "/README.md"));
}

}  // namespace
}  // namespace microgpt::testing::longer_run_test
