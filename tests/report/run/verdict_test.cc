// SPDX-License-Identifier: MIT
#include "report/run/verdict.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace microgpt::verdict_test {
namespace {

RunLosses losses(double model, double ngram) {
  PartComparison test{"test", {}};
  test.comparison.model.loss = {model, model};
  test.comparison.ngram.emplace().loss = {ngram, ngram};
  return {5, 100, 500, {test}};
}

Progress after(std::size_t step, std::size_t best) {
  Progress progress;
  progress.step = step;
  progress.evaluated_step = step;
  progress.best_step = best;
  return progress;
}

TrainSettings steps(std::size_t count) {
  TrainSettings options;
  options.training.num_steps = count;
  return options;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(Verdict, SaysNothingOfAGoodModel) {
  EXPECT_EQ(verdict(steps(100), false, after(100, 100), losses(1.0, 1.1)), "");
  EXPECT_EQ(verdict(steps(100), false, after(60, 40), losses(1.0, 1.1)), "");
  EXPECT_EQ(verdict(steps(100), false, after(100, 100), RunLosses{0, 100, 500, {}}), "") << "nothing is known";
}

TEST(Verdict, SaysThatAModelHasLearnedNothing) {
  const std::string text = verdict(steps(100), false, after(100, 0), losses(3.0, 1.0));
  EXPECT_TRUE(text.starts_with("This model has learned nothing that holds for other documents")) << text;
  EXPECT_TRUE(contains(text, "--learning-rate 0.001.\n")) << text;
  EXPECT_FALSE(contains(text, "n-gram")) << text;
  RunLosses few_documents = losses(3.0, 1.0);
  few_documents.training_documents = 1;
  EXPECT_TRUE(
      contains(verdict(steps(100), false, after(100, 0), few_documents), "1 document to train on is few: give more.\n"));
}

TEST(Verdict, SaysWhyAModelIsWorseThanItsNgram) {
  const std::string by_heart = verdict(steps(100), false, after(100, 20), losses(1.2, 1.1));
  EXPECT_TRUE(by_heart.starts_with("This model's GPT predicts other documents no better than its n-gram")) << by_heart;
  RunLosses with_mixture = losses(1.2, 1.1);
  with_mixture.parts[0].comparison.mixture.emplace().loss = {1.0, 1.0};
  EXPECT_TRUE(contains(verdict(steps(100), false, after(100, 20), with_mixture),
                       "The mixture of both, which predicts, is better by 0.1000.\nAfter step 20 "));
  with_mixture.parts[0].comparison.mixture->loss = {1.15, 1.15};
  EXPECT_FALSE(contains(verdict(steps(100), false, after(100, 20), with_mixture), "The mixture"));
  EXPECT_TRUE(contains(by_heart, "After step 20 it learned the documents by heart")) << by_heart;
  EXPECT_TRUE(contains(by_heart, "--ngram-share")) << by_heart;
  EXPECT_TRUE(contains(verdict(steps(100), false, after(100, 100), losses(1.2, 1.1)), "--num-steps 200"));
  EXPECT_TRUE(contains(verdict(steps(100), false, after(100, 70), losses(1.2, 1.1)),
                       "After step 70 it learned the documents by heart"));
  EXPECT_TRUE(contains(verdict(steps(100), false, after(90, 80), losses(1.1, 1.1)), "A larger model"));
  const std::string with_init = verdict(steps(100), true, after(90, 80), losses(1.1, 1.1));
  EXPECT_TRUE(contains(with_init, "A longer training (--num-steps) may help")) << with_init;
  TrainSettings taught = steps(100);
  taught.ngram_documents = 1.0;
  EXPECT_FALSE(contains(verdict(taught, false, after(100, 20), losses(1.2, 1.1)), "--ngram-share"));
}

TEST(Verdict, SaysThatTheWarmUpWasTooLong) {
  TrainSettings options = steps(100);
  options.training.warmup = 100;
  EXPECT_EQ(verdict(options, false, after(100, 100), losses(1.0, 1.1)),
            "The warm-up of 100 steps is as long as the training of 100, so that the rate\n"
            "never gets to 0.01: take a longer training, or --warmup 10.\n");
  options.training.warmup = 50;
  EXPECT_EQ(verdict(options, false, after(100, 100), losses(1.0, 1.1)), "");
  options.training.teacher_part = 0.4;  // which has 40 steps
  EXPECT_TRUE(contains(verdict(options, false, after(100, 100), losses(1.0, 1.1)), "the training of 40"));
}

}  // namespace
}  // namespace microgpt::verdict_test
