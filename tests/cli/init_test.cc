// SPDX-License-Identifier: MIT
// `train --init` as a user calls it.
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "support/tiny_training.h"

namespace microgpt::testing::init_test {
namespace {

// Training that begins with a saved model: of the characters a, b and digits, with a context of 16.
class Init : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(train_tiny({"-o", model_, "--quiet", "--block-size", "16"}).exit_code, 0); }

  ProcessResult tune(const Words& more, const std::string& corpus = other_corpus()) const {
    Words call{"train", "-", "--init", model_, "--num-samples", "2"};
    call.insert(call.end(), more.begin(), more.end());
    return run_microgpt(call, corpus);
  }

  static std::string other_corpus() {
    std::string text;
    for (int i = 0; i < 100; ++i) text += std::to_string(i) + "b\n";
    return text;
  }

  TemporaryFolder folder_;
  std::string model_ = folder_.path("model");
  std::string tuned_ = folder_.path("tuned");
};

TEST_F(Init, BeginsWithTheTokensAndParametersOfTheModel) {
  const ProcessResult result = tune({"--num-steps", "0", "-o", tuned_});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  for (const char* file : {"/model.safetensors", "/tokenizer.json", "/config.json"})
    EXPECT_EQ(read_text(tuned_ + file), read_text(model_ + file)) << file;
  EXPECT_TRUE(contains(result.out, "\nbegins    with the parameters of " + model_ + " (SHA-256 ")) << result.out;
  EXPECT_FALSE(contains(result.err, "fresh")) << result.err;
  ASSERT_EQ(tune({"--num-steps", "20", "-o", tuned_, "--overwrite"}).exit_code, 0);
  EXPECT_NE(read_text(tuned_ + "/model.safetensors"), read_text(model_ + "/model.safetensors"));
}

TEST_F(Init, TunesBytesAsBytes) {
  const std::string bytes = folder_.path("bytes");
  ASSERT_EQ(train_tiny({"-o", bytes, "--encoding", "bytes", "--block-size", "16"}).exit_code, 0);
  const ProcessResult result = run_microgpt({"train", "-", "--init", bytes, "--num-steps", "3", "-o", tuned_}, other_corpus());
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(read_text(tuned_ + "/tokenizer.json"), read_text(bytes + "/tokenizer.json"));
}

TEST_F(Init, ItsModelIsNotNeededToGoOn) {
  const Words flags{"--num-steps=3000", "--learning-rate=0.003"};
  ASSERT_EQ(tune({flags[0], flags[1], "-o", tuned_}).exit_code, 0);
  const std::string corpus = folder_.write("corpus", other_corpus());
  const std::string stopped = folder_.path("stopped");
  ASSERT_EQ(signal_microgpt({"train", corpus, "--init", model_, flags[0], flags[1], "-o", stopped}, SIGTERM).exit_code, 143);
  EXPECT_TRUE(contains(read_text(stopped + "/train_state.json"), "\"path\": \"" + model_ + "\""));
  std::filesystem::remove_all(model_);
  const ProcessResult resumed = run_microgpt({"train", "--resume", stopped});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  for (const char* file : {"/model.safetensors", "/checkpoint.safetensors", "/tokenizer.json"})
    EXPECT_EQ(read_text(stopped + file), read_text(tuned_ + file)) << file;
}

TEST_F(Init, FlagsThatContradictTheModelAreRefused) {
  for (const Words& c : std::vector<Words>{{"--n-layer", "2", "1"},
                                           {"--n-embd", "16", "8"},
                                           {"--n-head", "4", "2"},
                                           {"--block-size", "8", "16"},
                                           {"--activation", "relu2", "relu"},
                                           {"--encoding", "bytes", "utf-8"}}) {
    const ProcessResult result = tune({c[0], c[1]});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(result.err, "microgpt: " + c[0] + " " + c[1] + ": the model of --init " + model_ + " has " + c[2] +
                              ", and training does not change it; leave " + c[0] + " out\n");
    EXPECT_EQ(tune({c[0], c[2], "--num-steps", "1"}).exit_code, 0) << c[0] << " says the same as the model";
  }
}

TEST_F(Init, CharactersThatTheModelDoesNotKnowAreAdded) {
  const ProcessResult result = tune({"-o", tuned_, "--held-out", "0", "--num-steps", "20"}, "ab1\na\xC3\xA9X\nXb\n");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(contains(result.err, "--init " + model_ + ": 2 characters are new to that model\n")) << result.err;
  EXPECT_TRUE(contains(run_microgpt({"tokens", tuned_, "X\xC3\xA9"}).out, "X")) << "it knows them";
  EXPECT_EQ(run_microgpt({"eval", tuned_, "-", "--unseen=error"}, "\xC3\xA9X1\n").exit_code, 0);
  EXPECT_EQ(run_microgpt({"train", "--resume", tuned_, "-", "--num-steps=40"}, "ab1\na\xC3\xA9X\nXb\n").exit_code, 0);
  const ProcessResult text = tune({"--split", "text", "--held-out", "0", "--num-steps", "20"}, "ab1\nab\n");
  EXPECT_TRUE(contains(text.err, "1 character is new to that model")) << text.err;
}

TEST_F(Init, SaysWhereTheModelMayKnowWhatIsHeldOut) {
  const auto warns = [&](const Words& more, const std::string& corpus) {
    const ProcessResult result = tune(more, corpus);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return contains(result.err, "may know what is held out");
  };
  EXPECT_TRUE(warns({"--num-steps", "1", "--seed", "7"}, tiny_corpus()));
  EXPECT_TRUE(warns({"--num-steps", "1", "--held-out", "0.2"}, tiny_corpus()));
  EXPECT_FALSE(warns({"--num-steps", "1"}, tiny_corpus()));
  EXPECT_FALSE(warns({"--num-steps", "1", "--held-out", "0", "--seed", "7"}, tiny_corpus()));
  EXPECT_FALSE(warns({"--num-steps", "1", "--seed", "7"}, other_corpus()));
}

TEST_F(Init, WithoutFlagsItsTrainingFitsTheDocuments) {
  const ProcessResult result = tune({"-o", tuned_});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(contains(result.out, " (40.0 epochs), rate 0.005,\n") && contains(result.out, ", muon, ")) << result.out;
  EXPECT_FALSE(contains(result.out, "validation losses were no better")) << result.out;
}

TEST_F(Init, CountsTheDocumentsOfTheTestThatTheModelKnows) {
  const std::string corpus = folder_.write("corpus", tiny_corpus());
  const Words call{"train",    corpus, "--num-steps", "3",  "--n-embd", "8",
                   "--n-head", "2",    "--quiet",     "-o", model_,     "--overwrite"};
  ASSERT_EQ(run_microgpt(call).exit_code, 0);
  const ProcessResult other_split =
      run_microgpt({"train", corpus, "--init", model_, "--seed", "7", "--num-steps", "1", "-o", tuned_});
  EXPECT_TRUE(contains(other_split.err, ": that model was trained on ") &&
              contains(other_split.err, " documents of the test, and "))
      << other_split.err;
  EXPECT_TRUE(contains(read_text(tuned_ + "/README.md"), "of the test: the figures of the test are too good"));
  const ProcessResult same_split = run_microgpt({"train", corpus, "--init", model_, "--num-steps", "1"});
  EXPECT_FALSE(contains(same_split.err, "that model was trained on")) << same_split.err;
}

TEST_F(Init, ModelsThatAreNone) {
  const ProcessResult none = run_microgpt({"train", "--init", folder_.path("none")});
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_EQ(none.err, "microgpt: cannot read " + folder_.path("none") + ": No such file or directory\n");
  EXPECT_EQ(run_microgpt({"train", "--resume", model_, "--init", model_}).err,
            "microgpt: --init does not go with --resume: the run goes on as it was begun\n");
}

}  // namespace
}  // namespace microgpt::testing::init_test
