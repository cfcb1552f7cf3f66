// SPDX-License-Identifier: MIT
// What a newcomer types first: help as a subcommand, and the words of other programs.
#include <gtest/gtest.h>

#include "support/tiny_training.h"

namespace microgpt::testing::unknown_words_test {
namespace {

TEST(Help, IsASubcommandToo) {
  const ProcessResult help = run_microgpt({"help"});
  EXPECT_EQ(help.exit_code, 0) << help.err;
  EXPECT_EQ(help.out, run_microgpt({"--help"}).out);
  EXPECT_TRUE(contains(help.out, "train-pair")) << help.out;
  for (const char* command : {"train", "sample", "loss"}) {
    const ProcessResult command_help = run_microgpt({"help", command});
    EXPECT_EQ(command_help.exit_code, 0) << command_help.err;
    EXPECT_EQ(command_help.out, run_microgpt({command, "--help"}).out);
    EXPECT_TRUE(contains(command_help.out, "Usage: microgpt " + std::string(command))) << command_help.out;
  }
  const ProcessResult unknown = run_microgpt({"help", "generate"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_EQ(unknown.err, "microgpt: there is no subcommand generate; did you mean sample? (see microgpt --help)\n");
}

struct Word {
  Words call;
  const char* meaning;
};

TEST(UnknownWords, OfOtherProgramsAreUnderstood) {
  for (const Word& word : std::vector<Word>{{{"generate"}, "sample"},
                                            {{"predict"}, "score, classify or sample"},
                                            {{"finetune"}, "train --init MODEL"},
                                            {{"evaluate"}, "eval"},
                                            {{"train", "--lr"}, "--learning-rate"},
                                            {{"train", "--epochs"}, "--num-steps N, which counts batches"},
                                            {{"train", "--steps"}, "--num-steps"},
                                            {{"train", "--out"}, "--output"},
                                            {{"train", "--layers"}, "--n-layer"},
                                            {{"train", "--temp"}, "--temperature"},
                                            {{"train-pair", "a", "b", "-o", "c", "--lr"}, "--learning-rate"},
                                            {{"sweep", "--lr"}, "--learning-rate"},
                                            {{"sample", "m", "--temp"}, "--temperature"},
                                            {{"sample", "m", "--num"}, "--num-samples"},
                                            {{"sample", "m", "--max-tokens"}, "--max-length"}}) {
    const bool is_flag = word.call.size() > 1;
    const ProcessResult result = run_microgpt(word.call);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(result.err, "microgpt: there is no " + std::string(is_flag ? "flag " : "subcommand ") + word.call.back() +
                              "; did you mean " + word.meaning + "? (see microgpt " + (is_flag ? word.call.front() + " " : "") +
                              "--help)\n");
  }
}

// A command without such a flag does not offer it.
TEST(UnknownWords, AreSuggestedWhereTheyExist) {
  for (const Words& call : {Words{"sample", "m", "--lr", "1"}, {"info", "--epochs"}, {"train-pair", "--temp", "1"}}) {
    const ProcessResult result = run_microgpt(call);
    EXPECT_EQ(result.exit_code, 2);
    for (const char* flag : {"--learning-rate", "--num-steps", "--temperature"})
      EXPECT_FALSE(contains(result.err, std::string("did you mean ") + flag)) << result.err;
  }
}

}  // namespace
}  // namespace microgpt::testing::unknown_words_test
