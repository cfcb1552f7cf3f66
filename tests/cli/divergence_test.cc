// SPDX-License-Identifier: MIT
// A training that went astray is an error, and no model; one that is merely short is none.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "support/tiny_training.h"

namespace microgpt::testing::divergence_test {
namespace {

class Divergence : public ::testing::Test {
 protected:
  // With the plain trainer, but for what is asked for.
  static ProcessResult called(Words call, const Words& more) {
    call.insert(call.end(), {"--n-embd=8", "--n-head=2"});
    if (call[0] == "train") call.push_back("--num-samples=3");
    for (const std::string flag :
         {"--n-layer=1", "--batch-size=32", "--loss-mean=document", "--optimizer=adam", "--beta1=0.85", "--weight-decay=0",
          "--warmup=0", "--clip=none", "--average=0", "--ngram-share=0", "--ngram-documents=0"}) {
      const auto is_it = [&](const std::string& other) { return other.starts_with(flag.substr(0, flag.find('=') + 1)); };
      if (std::none_of(more.begin(), more.end(), is_it)) call.push_back(flag);
    }
    call.insert(call.end(), more.begin(), more.end());
    return run_microgpt(call);
  }

  static void expect_diverged(const ProcessResult& result, const std::string& remedy) {
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(lines_with(result.err, "training has diverged"), 1U) << result.err;
    EXPECT_TRUE(result.err.ends_with(": training has diverged; begin again with " + remedy + "\n")) << result.err;
    EXPECT_FALSE(contains(result.err, "the model is in")) << result.err;
    EXPECT_FALSE(contains(result.out, "samples")) << result.out;
  }

  TemporaryFolder folder_;
  std::string corpus_ = folder_.write("corpus", tiny_corpus());
};

constexpr const char* kLower = "a lower --learning-rate";
constexpr const char* kLowerOrClip = "a lower --learning-rate, or with --clip 1";

TEST_F(Divergence, IsAnErrorOfTrain) {
  const Words train{"train", corpus_};
  for (const Words& flags : {Words{"--num-steps=30"},
                             {"--num-steps=1"},
                             {"--num-steps=30", "--held-out=0"},
                             {"--num-steps=30", "--eval-every=0"},
                             {"--num-steps=30", "--engine=exact"},
                             {"--num-steps=30", "--split=text"},
                             {"--num-steps=30", "--quiet"},
                             {"--num-steps=100", "--patience=2"}}) {
    Words more = flags;
    more.push_back("--learning-rate=1e6");
    expect_diverged(called(train, more), kLowerOrClip);
  }
  expect_diverged(called(train, {"--num-steps=30", "--learning-rate=1e6", "--clip=1"}), kLower);
  const ProcessResult result = called(train, {"--num-steps=30", "--learning-rate=1e6"});
  EXPECT_TRUE(contains(result.err, "microgpt: after step 30 the loss on documents that it was trained on is ")) << result.err;
  EXPECT_TRUE(contains(result.err,
                       ", where random guessing costs 2.565, and validation was never better than before the first "
                       "step: "))
      << result.err;
}

// The log and what the run goes on from are kept; there is no card of a model, and going on says the same.
TEST_F(Divergence, LeavesTheLog) {
  const std::string model = folder_.path("model");
  expect_diverged(called({"train", corpus_, "-o", model}, {"--num-steps=30", "--learning-rate=1e6"}), kLowerOrClip);
  EXPECT_FALSE(std::filesystem::exists(model + "/README.md"));
  for (const char* file : {"/log.jsonl", "/loss.svg", "/train_state.json"})
    EXPECT_TRUE(std::filesystem::exists(model + file)) << file;
  expect_diverged(run_microgpt({"train", "--resume", model}), kLowerOrClip);
  EXPECT_FALSE(std::filesystem::exists(model + "/README.md"));
}

TEST_F(Divergence, IsAnErrorOfAPair) {
  const Words pair{"train-pair", corpus_, corpus_, "-o", folder_.path("pair")};
  const ProcessResult result = called(pair, {"--num-steps=30", "--learning-rate=1e4", "--clip=1"});
  expect_diverged(result, kLower);
  EXPECT_TRUE(contains(result.err, "microgpt: positive: ") || contains(result.err, "microgpt: negative: ")) << result.err;
  EXPECT_FALSE(contains(result.out, "Told apart")) << result.out;
  const ProcessResult no_number = called(pair, {"--overwrite", "--num-steps=30", "--learning-rate=1e37"});
  EXPECT_EQ(no_number.exit_code, 1);
  EXPECT_TRUE(contains(no_number.err, "tive: the ")) << no_number.err;
}

TEST_F(Divergence, IsNeverChosenInASweep) {
  const std::string sweep = folder_.path("sweep");
  const ProcessResult result = called({"sweep", corpus_, "-o", sweep, "--learning-rate=1e6,0.01,1e37"}, {"--num-steps=50"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(lines_with(result.out, "  diverged"), 2U) << result.out;
  EXPECT_TRUE(contains(result.out, "configuration 1 diverged: after step 50 ")) << result.out;
  EXPECT_TRUE(contains(result.out, "configuration 3 diverged: the loss ")) << result.out;
  EXPECT_TRUE(contains(result.out, "Validation chooses configuration 2.")) << result.out;
  const std::string csv = read_text(sweep + "/results.csv");
  EXPECT_EQ(lines_with(csv, "diverged: "), 2U) << csv;
  EXPECT_TRUE(contains(csv, "\n2,0.01,")) << csv;
  const ProcessResult again = run_microgpt({"sweep", "--resume", sweep});
  EXPECT_EQ(again.out, result.out);
  const ProcessResult all =
      called({"sweep", corpus_, "-o", folder_.path("all"), "--learning-rate=1e6,1e8"}, {"--num-steps=50"});
  EXPECT_EQ(all.exit_code, 1);
  EXPECT_TRUE(contains(all.err, "all trainings failed")) << all.err;
}

// Nor is one that found nothing better than the first parameters, or that found it before it went astray.
TEST_F(Divergence, AShortOrUselessTrainingIsNone) {
  const Words train{"train", corpus_, "--quiet"};
  for (const char* steps : {"--num-steps=0", "--num-steps=1", "--num-steps=2", "--num-steps=5"})
    for (const Words& flags : {Words{steps}, {steps, "--held-out=0"}, {steps, "--learning-rate=0.3"}, {steps, "--n-layer=8"}}) {
      const ProcessResult result = called(train, flags);
      EXPECT_EQ(result.exit_code, 0) << steps << " " << flags.back() << result.err;
    }
  const ProcessResult wide = run_microgpt({"train", corpus_, "--quiet", "--n-embd=256", "--n-layer=4", "--num-steps=2"});
  EXPECT_EQ(wide.exit_code, 0) << wide.err;

  const std::string few = folder_.write("few", "anna\nbob\n");
  EXPECT_EQ(called({"train", few, "--quiet"}, {"--held-out=0", "--num-steps=300"}).exit_code, 0);
  std::string numbers;  // whose validation is lowest before the first step
  for (int i = 0; i < 20; ++i) numbers += std::to_string(i * i * 7919 + 31) + "\n";
  const ProcessResult learned_by_heart =
      called({"train", folder_.write("numbers", numbers), "--quiet"}, {"--num-steps=400", "--held-out=0.2"});
  EXPECT_EQ(learned_by_heart.exit_code, 0) << learned_by_heart.err;

  const ProcessResult late =
      called(train, {"--schedule=constant", "--warmup=3000", "--learning-rate=10", "--num-steps=200", "--eval-every=5"});
  EXPECT_EQ(late.exit_code, 0) << late.err;
  EXPECT_TRUE(contains(late.out, "; the model is that of step ")) << late.out;
  EXPECT_FALSE(contains(late.out, "; the model is that of step 0,")) << late.out;
}

}  // namespace
}  // namespace microgpt::testing::divergence_test
