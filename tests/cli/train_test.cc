// SPDX-License-Identifier: MIT
// `train` as a user calls it.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <sstream>
#include <tuple>

#include "io/file.h"
#include "simd/target.h"
#include "support/length.h"
#include "support/tiny_training.h"

namespace microgpt::testing::train_test {
namespace {

// Why a test that compares bits of long runs is left out under sanitizers.
constexpr const char* kSameCode = "other tests run the same code for a shorter time";

TEST(Train, TheSameSeedGivesTheSameOutputAndAnotherSeedAnother) {
  const ProcessResult first = train_tiny();
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_EQ(train_tiny().out, first.out);
  EXPECT_NE(train_tiny({"--seed", "7"}).out, first.out);
}

// A batch of two shards or more; and a run that goes on with another number.
TEST(Train, TheNumberOfThreadsChangesNothing) {
  if (!kFullLength) GTEST_SKIP() << kSameCode;
  const TemporaryFolder folder;
  const auto train = [&](const std::string& threads, const Words& more = {}) {
    Words call{"train",
               "-o",
               folder.path(threads),
               "--threads",
               threads,
               "--n-embd",
               "8",
               "--n-head",
               "2",
               "--batch-size",
               "150",
               "--num-steps",
               "20",
               "--num-samples",
               "2",
               "--dropout",
               "0.1",
               "--eval-every",
               "0"};
    call.insert(call.end(), more.begin(), more.end());
    return run_microgpt(call);
  };
  const ProcessResult one = train("1");
  EXPECT_EQ(one.exit_code, 0) << one.err;
  for (const char* threads : {"2", "3", "0"}) {
    EXPECT_EQ(train(threads).out, one.out);
    for (const char* file : {"/model.safetensors", "/checkpoint.safetensors", "/ngram.bin"})
      EXPECT_EQ(read_text(folder.path(threads) + file), read_text(folder.path("1") + file)) << file << ", " << threads;
  }
  EXPECT_EQ(run_microgpt({"train", "--resume", folder.path("1"), "--threads", "2"}).exit_code, 0);
}

TEST(Train, RegularisesWithEitherEngine) {
  for (const char* engine : {"fast", "graph"}) {
    const ProcessResult result =
        train_tiny({"--engine", engine, "--dropout", "0.2", "--weight-decay", "0.1", "--clip", "0.5", "--eval-every", "0"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_TRUE(contains(result.out, "rate 0.01, linear, dropout 0.2,\n          weight decay 0.1, clip 0.5\n")) << result.out;
  }
}

TEST(Train, EverythingThatChangesTheModelIsHeard) {
  if (!kFullLength) GTEST_SKIP() << kSameCode;
  const std::string usual = train_tiny().out;
  for (const Words& flags : std::vector<Words>{{"--n-layer", "2"},
                                               {"--n-embd", "16"},
                                               {"--n-head", "4"},
                                               {"--block-size", "3"},
                                               {"--batch-size", "9"},
                                               {"--num-steps=31"},
                                               {"--activation", "relu2"},
                                               {"--learning-rate", "0.02"},
                                               {"--schedule", "cosine"},
                                               {"--schedule", "constant"},
                                               {"--warmup", "5"},
                                               {"--loss-mean", "token"},
                                               {"--beta1", "0.5"},
                                               {"--beta2", "0.5"},
                                               {"--dropout", "0.1"},
                                               {"--weight-decay", "1"},
                                               {"--clip", "0.1"},
                                               {"--held-out", "0.2"},
                                               {"--held-out", "0"}}) {
    // A flag that is given twice is an error, so it replaces the one of tiny_train().
    Words call = tiny_train();
    const auto same = std::find(call.begin(), call.end(), flags[0].substr(0, flags[0].find('=')));
    if (same != call.end()) call.erase(same, same + 2);
    call.insert(call.end(), flags.begin(), flags.end());
    const ProcessResult result = run_microgpt(call, tiny_corpus());
    EXPECT_EQ(result.exit_code, 0) << flags[0] << ": " << result.err;
    const auto after_description = [](const std::string& out) { return out.substr(out.find("\n\n")); };
    EXPECT_NE(after_description(result.out), after_description(usual)) << flags[0];
  }
}

TEST(Train, TheGraphEngineTrainsTheSameModel) {
  const std::string graph = train_tiny({"--engine", "graph"}).out;
  EXPECT_TRUE(contains(graph, "engine    graph")) << graph;
  const auto first_line = [](const std::string& out) { return out.substr(out.find("step  0"), 60); };
  EXPECT_EQ(first_line(graph), first_line(train_tiny().out));
}

TEST(Train, PrefixSharingIsExactEnoughToSwitchOff) {
  const ProcessResult result = train_tiny({"--no-prefix-sharing"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(contains(result.out, "validation")) << result.out;
}

TEST(Train, ReportsWhereItIsAskedTo) {
  EXPECT_EQ(lines_with(train_tiny().out, "val loss"), 11U) << "at the start, and ten times";
  EXPECT_EQ(lines_with(train_tiny({"--eval-every", "20"}).out, "val loss"), 3U) << "0, 20 and 30";
  EXPECT_EQ(lines_with(train_tiny({"--eval-every", "0"}).out, "val loss"), 2U);
  const std::string logged = train_tiny({"--eval-every", "0", "--log-every", "1"}).out;
  EXPECT_EQ(lines_with(logged, "train loss"), 31U);
  EXPECT_EQ(lines_with(logged, "val loss"), 2U);
  EXPECT_EQ(lines_with(train_tiny({"--held-out", "0"}).out, "val loss"), 0U);
}

TEST(Train, WithoutStepsTheFreshModelIsShown) {
  Words call = tiny_train();
  *std::find(call.begin(), call.end(), "30") = "0";
  const ProcessResult result = run_microgpt(call, tiny_corpus());
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(lines_with(result.out, "train loss"), 1U);
  EXPECT_FALSE(contains(result.err, "nan")) << result.err;
}

TEST(Train, MessagesGoToStandardErrorAndQuietSilencesThem) {
  const ProcessResult result = train_tiny({"--block-size", "4"});
  EXPECT_TRUE(contains(result.err, "as it should be")) << result.err;
  EXPECT_TRUE(contains(result.err, "documents are longer than the context of 4")) << result.err;
  EXPECT_TRUE(contains(result.err, "tokens a second")) << result.err;
  const ProcessResult quiet = train_tiny({"--block-size", "4", "--quiet"});
  EXPECT_EQ(quiet.err, "");
  EXPECT_EQ(quiet.out, result.out);
}

TEST(Train, TheCardAndInfoSayWhichDocumentsAreLong) {
  const TemporaryFolder folder;
  const std::string model = folder.path("m");
  const ProcessResult result = train_tiny({"--block-size", "4", "-o", model});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::string words = " longer than the context of 4, and are read in windows of it; --block-size ";
  EXPECT_TRUE(contains(testing::read_text(model + "/README.md"), words));
  EXPECT_TRUE(contains(run_microgpt({"info", model}).out, words));
  EXPECT_TRUE(contains(run_microgpt({"info", model, "--json"}).out, "\"long_documents\""));
}

TEST(Train, SecondsAreTurnedIntoSteps) {
  const Words call{"train", "-", "--n-embd", "8", "--n-head", "2", "--seconds", "0.05", "--num-samples", "0"};
  const ProcessResult result = run_microgpt(call, tiny_corpus());
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const std::string before = "--seconds 0.05: as long as --num-steps ";
  const std::size_t at = result.err.find(before);
  ASSERT_NE(at, std::string::npos) << result.err;
  Words counted{"train", "-", "--n-head", "2", "--num-samples", "0", "--num-steps"};
  std::istringstream flags(result.err.substr(at + before.size(), result.err.find('\n', at) - at - before.size()));
  for (std::string word; flags >> word;) counted.push_back(word);
  EXPECT_EQ(Words(counted.end() - 6, counted.end()), (Words{"--n-layer", "2", "--n-embd", "8", "--weight-decay", "0.1"}));
  EXPECT_EQ(run_microgpt(counted, tiny_corpus()).out, result.out);
}

TEST(Train, EveryTargetSavesTheSameBytes) {
  const TemporaryFolder folder;
  std::string first;
  for (const Target target : available_targets()) {
    const std::string name(name_of(target));
    const ProcessResult result = train_tiny({"-o", folder.path(name), "--quiet"}, {"MICROGPT_TARGET=" + name});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    const std::string bytes = read_text(folder.path(name + "/model.safetensors"));
    EXPECT_GT(bytes.size(), 1000U);
    if (first.empty()) first = bytes;
    EXPECT_EQ(bytes, first) << name;
  }
}

TEST(Train, ATargetThatIsNotHereIsRefused) {
  const TemporaryFolder folder;
  for (const Words& call : {Words{"train"}, {"demo"}, {"info", "--system"}, {"sample", folder.path("none")}}) {
    const ProcessResult result = run_microgpt(call, "", {"MICROGPT_TARGET=sse9"});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(result.err, "microgpt: MICROGPT_TARGET=sse9: not an instruction set of this machine; it has " +
                              available_target_names() + "\n");
  }
  const ProcessResult info = run_microgpt({"info", "--system"}, "", {"MICROGPT_TARGET=scalar"});
  EXPECT_TRUE(contains(info.out, "scalar (available: " + available_target_names() + ")")) << info.out;
  EXPECT_TRUE(contains(info.out, "fast, exact, graph")) << info.out;
}

TEST(Train, AModelIsReplacedOnlyWhereThatIsWanted) {
  const TemporaryFolder folder;
  const std::string model = folder.path("model");
  ASSERT_EQ(train_tiny({"-o", model}).exit_code, 0);
  const std::string before = read_text(model + "/model.safetensors");
  const ProcessResult again = train_tiny({"-o", model, "--seed", "7"});
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_EQ(again.err, "microgpt: " + model + " holds a model already: go on with its run by --resume " + model +
                           ", replace it with --overwrite, or name another folder\n");
  EXPECT_EQ(read_text(model + "/model.safetensors"), before);
  EXPECT_EQ(train_tiny({"-o", model, "--seed", "7", "--overwrite"}).exit_code, 0);
  EXPECT_NE(read_text(model + "/model.safetensors"), before);
}

TEST(Train, AnInterruptedRunSavesWhatItHas) {
  const TemporaryFolder folder;
  for (const auto& [signal, code, name] : {std::tuple(SIGINT, 130, "Interrupt"), std::tuple(SIGTERM, 143, "Terminated")}) {
    const std::string model = folder.path(name);
    const ProcessResult result = signal_microgpt({"train", "--num-steps", "1000000000", "-o", model}, signal);
    EXPECT_EQ(result.exit_code, code);
    EXPECT_TRUE(result.err.ends_with(std::string("microgpt: interrupted (") + name + ")\n")) << result.err;
    const ProcessResult sample = run_microgpt({"sample", model, "-n", "2"});
    EXPECT_EQ(sample.exit_code, 0) << sample.err;
    EXPECT_EQ(lines_with(sample.out, ""), 2U);
  }
}

TEST(Train, AnInterruptedRunThatSavesNothingJustEnds) {
  const ProcessResult result = signal_microgpt({"train", "--num-steps", "1000000000", "--quiet"}, SIGINT);
  EXPECT_EQ(result.exit_code, 130);
  EXPECT_EQ(result.err, "microgpt: interrupted (Interrupt)\n");
}

TEST(Train, KeepsTheLastGoodCheckpointWhereTheLossIsNoNumber) {
  const TemporaryFolder folder;
  const std::string model = folder.path("model");
  const ProcessResult result = train_tiny({"--learning-rate", "1e38", "-o", model});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(contains(result.err, "training has diverged; begin again with a lower --learning-rate")) << result.err;
  EXPECT_EQ(run_microgpt({"sample", model}).exit_code, 0) << "that before the first step";
}

TEST(Train, GoesOnWhereItWasInterrupted) {
  if (!kFullLength) GTEST_SKIP() << kSameCode;
  const TemporaryFolder folder;
  const std::string whole = folder.path("whole"), stopped = folder.path("stopped");
  const Words flags{"--num-steps=3000", "--num-samples", "0", "--n-embd", "8", "--n-head", "2"};
  const auto train_in = [&](const std::string& model) {
    Words call{"train", "-o", model};
    call.insert(call.end(), flags.begin(), flags.end());
    return call;
  };
  ASSERT_EQ(run_microgpt(train_in(whole)).exit_code, 0);
  const ProcessResult result = signal_microgpt(train_in(stopped), SIGTERM);
  EXPECT_EQ(result.exit_code, 143);
  EXPECT_TRUE(contains(result.err, " is saved; microgpt train --resume " + stopped + " goes on from there\n")) << result.err;
  const ProcessResult resumed = run_microgpt({"train", "--resume", stopped});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  for (const char* file : {"/model.safetensors", "/checkpoint.safetensors"})
    EXPECT_EQ(read_text(stopped + file), read_text(whole + file)) << file;
  const ProcessResult finished = run_microgpt({"train", "--resume", stopped});
  EXPECT_EQ(finished.exit_code, 0);
  EXPECT_EQ(finished.out, "");
  EXPECT_EQ(finished.err, "microgpt: the run in " + stopped + " is finished: 3000 of 3000 steps\n");
}

TEST(Train, GoesOnWithTheSameCorpusOnly) {
  const TemporaryFolder folder;
  const std::string model = folder.path("model");
  ASSERT_EQ(train_tiny({"-o", model}).exit_code, 0);
  const ProcessResult without = run_microgpt({"train", "--resume", model});
  EXPECT_EQ(without.exit_code, 2);
  EXPECT_TRUE(contains(without.err, "its corpus came from standard input; give it again")) << without.err;
  const ProcessResult other = run_microgpt({"train", "-", "--resume", model}, "ab\nac\n");
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_TRUE(contains(other.err, "standard input is not the corpus that " + model + " was trained on")) << other.err;
  EXPECT_EQ(run_microgpt({"train", "-", "--resume", model}, tiny_corpus()).exit_code, 0);
}

TEST(Train, FlagsChangeWhatAPresetSays) {
  for (const Words& call : {Words{"train", "-", "--preset", "small", "--num-steps", "3", "--n-embd", "8"},
                            Words{"train", "-", "--n-embd", "8", "--num-steps", "3", "--preset", "small"}}) {
    const ProcessResult result = run_microgpt(call, tiny_corpus());
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_TRUE(contains(result.out, "4 layers, 4 heads, 8 features")) << result.out;
    EXPECT_TRUE(contains(result.out, "3 steps of 64 documents")) << result.out;
    EXPECT_TRUE(contains(result.out, "token mean")) << result.out;
  }
}

TEST(Train, MixesTheModelWithItsNgram) {
  const TemporaryFolder folder;
  const std::string model = folder.path("model");
  const ProcessResult result = train_tiny({"-o", model});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(contains(result.out, "Their mixture predicts it ")) << result.out;
  EXPECT_EQ(lines_with(result.out, "  mixture "), 2U) << "of validation and test\n" << result.out;
  const std::string weights = read_file(model + "/mixture.json", 4000);
  // What is lost is made again, and a run that was stopped before it comes to the same.
  std::filesystem::remove(model + "/mixture.json");
  EXPECT_EQ(run_microgpt({"train", "-", "--resume", model}, tiny_corpus()).exit_code, 0);
  EXPECT_EQ(read_file(model + "/mixture.json", 4000), weights);
  const ProcessResult evaluation = run_microgpt({"eval", model, "-"}, tiny_corpus());
  EXPECT_EQ(lines_with(evaluation.out, "  mixture "), 3U) << "and of training\n" << evaluation.out;
  const std::string without = folder.path("without");
  EXPECT_EQ(train_tiny({"-o", without, "--held-out", "0"}).exit_code, 0);
  EXPECT_TRUE(contains(read_file(without + "/mixture.json", 4000), "\"base\": 0.45")) << "the usual one";
}

TEST(Train, EvalTakesTheSplitOfTheModel) {
  const TemporaryFolder folder;
  const std::string model = folder.path("model");
  ASSERT_EQ(train_tiny({"--split", "text", "-o", model}).exit_code, 0);
  const ProcessResult usual = run_microgpt({"eval", model, "-"}, tiny_corpus());
  EXPECT_EQ(usual.out, run_microgpt({"eval", model, "-", "--split", "text"}, tiny_corpus()).out);
  EXPECT_NE(usual.out, run_microgpt({"eval", model, "-", "--split", "lines"}, tiny_corpus()).out);
}

TEST(Train, FlagsThatDoNotGoTogether) {
  const auto complaint = [](const Words& call) {
    const ProcessResult result = run_microgpt(call);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.out, "");
    return result.err;
  };
  EXPECT_EQ(complaint({"train", "--resume", "x", "--n-embd", "8"}),
            "microgpt: --n-embd does not go with --resume: the run goes on as it was begun\n");
  EXPECT_EQ(complaint({"train", "--resume", "x", "--preset", "small"}),
            "microgpt: --preset does not go with --resume: the run goes on as it was begun\n");
  EXPECT_TRUE(contains(complaint({"train", "--resume", "x", "-o", "y"}), "excludes"));
  EXPECT_EQ(complaint({"train", "--save-every", "3"}), "microgpt: --save-every: nothing is saved without -o DIR\n");
}

TEST(Train, StopsWhenValidationGetsNoBetter) {
  const ProcessResult result = train_tiny({"--learning-rate", "5", "--eval-every", "3", "--patience", "2"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(contains(result.out, "of 30 steps, as the last 2 validation losses were no better; the model is that of step "))
      << result.out;
}

// What train shows at its end is what sample makes of the saved model.
TEST(Train, EndsWithTheSamplesOfItsModel) {
  const TemporaryFolder folder;
  const std::string model = folder.path("model");
  const Words flags{"--seed", "5", "--temperature", "0.8"};
  Words train{"-o", model}, sample{"sample", model, "-n", "3"};  // as many as tiny_train() asks for
  train.insert(train.end(), flags.begin(), flags.end());
  sample.insert(sample.end(), flags.begin(), flags.end());
  const std::string printed = train_tiny(train).out;
  const std::string samples = run_microgpt(sample).out;
  EXPECT_EQ(lines_with(samples, ""), 3U);
  EXPECT_TRUE(printed.ends_with("samples (temperature 0.8)\n" + samples)) << printed;
}

}  // namespace
}  // namespace microgpt::testing::train_test
