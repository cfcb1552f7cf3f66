// SPDX-License-Identifier: MIT
// The program `sweep`, from its flags or its file to what it leaves.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "support/process.h"
#include "support/tiny_training.h"

namespace microgpt::testing::sweep_test {
namespace {

class SweepTest : public ::testing::Test {
 protected:
  ProcessResult sweep(Words arguments) const {
    arguments.insert(arguments.begin(), "sweep");
    return run_microgpt(arguments);
  }

  // Eight configurations.
  Words begin(const std::string& folder, const Words& more = {}) const {
    Words call{corpus_,           "-o",       folder,        "--n-embd", "8,4",          "--n-head", "2", "--seed", "1,2",
               "--learning-rate", "0.01,0.1", "--num-steps", "20",       "--batch-size", "4"};
    call.insert(call.end(), more.begin(), more.end());
    return call;
  }

  TemporaryFolder files_;
  std::string corpus_ = files_.write("corpus.txt", tiny_corpus());
  std::string a_ = files_.path("a"), b_ = files_.path("b");
};

// The columns of a CSV without quoted fields, but the one of the seconds.
std::string without_seconds(const std::string& csv) {
  std::string text;
  for (std::size_t at = 0; at < csv.size(); at = csv.find('\n', at) + 1) {
    const std::string line = csv.substr(at, csv.find('\n', at) - at);
    const std::size_t failure = line.rfind(',');
    text += line.substr(0, line.rfind(',', failure - 1)) + line.substr(failure) + "\n";
  }
  return text;
}

TEST_F(SweepTest, PrintsAndWritesTheSameWithAnyNumberOfThreads) {
  const ProcessResult one = sweep(begin(a_, {"--threads", "1"}));
  const ProcessResult more = sweep(begin(b_, {"--threads", "3"}));
  EXPECT_EQ(one.exit_code, 0) << one.err;
  EXPECT_EQ(one.out, more.out);
  EXPECT_TRUE(contains(one.out, "sweep     8 configurations\n          n_embd 8, 4\n")) << one.out;
  EXPECT_TRUE(contains(one.out, "means over seeds")) << one.out;
  EXPECT_EQ(lines_with(one.err, " of 8: configuration "), 8U) << one.err;
  EXPECT_EQ(without_seconds(read_text(a_ + "/results.csv")), without_seconds(read_text(b_ + "/results.csv")));
  EXPECT_EQ(lines_with(read_text(a_ + "/results.csv"), ","), 9U);
  EXPECT_TRUE(read_text(a_ + "/sweep.svg").starts_with("<svg"));
}

TEST_F(SweepTest, AFileIsTheSameAsFlags) {
  const std::string grid = files_.write(
      "grid.json", R"({"seed": [1, 2], "learning_rate": [0.01, 0.1], "n_embd": [8, 4], "num_steps": 20, "batch_size": 4})");
  const ProcessResult file_sweep = sweep({grid, corpus_, "-o", a_, "--n-head", "2", "--quiet"});
  EXPECT_EQ(file_sweep.err, "");
  EXPECT_EQ(file_sweep.out, sweep(begin(b_)).out);
}

// The last line of the messages is the call that trains the best; its model has the loss of the table.
// What only some of the grids name fits the documents in the others.
TEST_F(SweepTest, AGridThatLacksASettingHasTheFittedOne) {
  const std::string grid = files_.write("grids.json", R"([{"learning_rate": [0.03]}, {"n_embd": [16]}])");
  ASSERT_EQ(sweep({grid, corpus_, "-o", a_, "--num-steps", "2", "--quiet"}).exit_code, 0);
  const std::string csv = read_text(a_ + "/results.csv");
  EXPECT_TRUE(contains(csv, "\n1,64,0.03,") || contains(csv, "\n1,0.03,64,")) << csv;
  EXPECT_TRUE(contains(csv, "\n2,16,0.02,") || contains(csv, "\n2,0.02,16,")) << csv;
}

class TrainedAlone : public SweepTest, public ::testing::WithParamInterface<Words> {};

// Values that are those of the library, and of a run without flags; and some on which others depend.
INSTANTIATE_TEST_SUITE_P(Grids, TrainedAlone,
                         ::testing::Values(Words{"--n-embd=8,4", "--n-head=2", "--num-steps=20"},
                                           Words{"--n-embd=32", "--learning-rate=0.01", "--num-steps=30"},
                                           Words{"--optimizer=adam", "--seed=7", "--num-steps=30", "--n-embd=8"},
                                           Words{"--engine=exact", "--n-embd=8", "--num-steps=20"}));

TEST_P(TrainedAlone, TheModelThatIsChosen) {
  Words swept{corpus_, "-o", a_};
  swept.insert(swept.end(), GetParam().begin(), GetParam().end());
  const ProcessResult result = sweep(swept);
  const std::string marker = "microgpt train ";
  std::string call = result.err.substr(result.err.rfind(marker) + marker.size());
  call.pop_back();
  Words words{"train"};
  for (std::size_t at = 0; at <= call.size(); at = std::min(call.find(' ', at), call.size()) + 1)
    words.push_back(call.substr(at, call.find(' ', at) - at));
  ASSERT_EQ(words.back(), "MODEL") << result.err;
  words.back() = b_;
  const ProcessResult trained = run_microgpt(words);
  EXPECT_EQ(trained.exit_code, 0) << trained.err;
  const std::string sentence = "Its loss on the test is ";
  const std::string loss = result.out.substr(result.out.find(sentence) + sentence.size(), 6);
  EXPECT_EQ(lines_with(trained.out, "test  "), 1U) << trained.out;
  EXPECT_TRUE(contains(trained.out.substr(trained.out.rfind("\ntest")), loss)) << loss << trained.out;
}

TEST_F(SweepTest, GoesOnWithWhatIsMissing) {
  const ProcessResult whole = sweep(begin(a_));
  const std::string lines = read_text(a_ + "/results.jsonl");
  std::size_t end = 0;
  for (int i = 0; i < 3; ++i) end = lines.find('\n', end) + 1;
  std::filesystem::remove(a_ + "/results.csv");
  std::ofstream(a_ + "/results.jsonl") << lines.substr(0, end + 25);  // three, and a part of the fourth
  const ProcessResult resumed = sweep({"--resume", a_});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(resumed.out, whole.out);
  EXPECT_EQ(lines_with(resumed.err, ": configuration "), 5U) << resumed.err;
  EXPECT_EQ(read_text(a_ + "/results.jsonl").substr(0, end), lines.substr(0, end)) << "what was finished is not trained again";
  const ProcessResult again = sweep({"--resume", a_});
  EXPECT_EQ(again.out, whole.out);
  EXPECT_TRUE(contains(again.err, "the sweep in " + a_ + " is finished")) << again.err;
}

// One of the two would take hours.
TEST_F(SweepTest, StopsWhenItIsInterrupted) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const ProcessResult stopped =
        signal_microgpt({"sweep", corpus_, "-o", a_, "--overwrite", "--n-embd", "8", "--num-steps", "20,1000000000"}, signal);
    EXPECT_EQ(stopped.exit_code, 128 + signal);
    EXPECT_TRUE(contains(stopped.err, " of 2 configurations are finished and kept; microgpt sweep --resume " + a_))
        << stopped.err;
    EXPECT_FALSE(std::filesystem::exists(a_ + "/results.csv"));
  }
}

TEST_F(SweepTest, AFolderHasOneSweep) {
  sweep(begin(a_));
  const ProcessResult refused = sweep(begin(a_, {"--seed=5"}));
  EXPECT_EQ(refused.exit_code, 2) << "a flag twice";
  const ProcessResult again = sweep(begin(a_));
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_EQ(again.err, "microgpt: " + a_ + " holds a sweep already: go on with it by --resume " + a_ +
                           ", replace it with --overwrite, or name another folder\n");
  EXPECT_EQ(sweep(begin(a_, {"--overwrite"})).exit_code, 0);
}

TEST_F(SweepTest, TheCorpusMustBeTheSame) {
  sweep(begin(a_));
  const std::string moved = files_.write("moved.txt", tiny_corpus());
  std::filesystem::remove(corpus_);
  EXPECT_EQ(sweep({"--resume", a_}).exit_code, 1);
  EXPECT_EQ(sweep({"--resume", a_, moved}).exit_code, 0);
  const ProcessResult other = sweep({"--resume", a_, files_.write("other.txt", tiny_corpus() + "more\n")});
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_TRUE(contains(other.err, "is not the corpus that " + a_ + " was trained on")) << other.err;
}

TEST_F(SweepTest, ATrainingThatFailsIsARow) {
  const ProcessResult result = sweep({corpus_, "-o", a_, "--n-embd", "8", "--learning-rate", "0.01,1e37", "--num-steps", "20"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(contains(result.out, "diverged\n")) << result.out;
  EXPECT_TRUE(contains(result.out, "configuration 2 diverged: the loss ")) << result.out;
}

TEST_F(SweepTest, AllThatFailIsAnError) {
  const ProcessResult result = sweep({corpus_, "-o", a_, "--n-embd", "8,4", "--n-head", "2", "--learning-rate", "1e30"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(contains(result.err, "all trainings failed: " + a_ + "/results.csv says how")) << result.err;
  EXPECT_TRUE(std::filesystem::exists(a_ + "/results.csv"));
}

TEST_F(SweepTest, FilesOfOthersAreKept) {
  std::filesystem::create_directory(a_);
  std::ofstream(a_ + "/results.csv") << "mine";
  const ProcessResult result = sweep(begin(a_));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(contains(result.err, a_ + "/results.csv is there already")) << result.err;
  EXPECT_EQ(read_text(a_ + "/results.csv"), "mine");
  EXPECT_EQ(sweep(begin(a_, {"--overwrite"})).exit_code, 0);
}

TEST_F(SweepTest, ARunningTextHasOneSplit) {
  const ProcessResult result =
      sweep({corpus_, "-o", a_, "--split", "text", "--n-embd", "8,4", "--n-head", "2", "--num-steps", "5"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(contains(result.out, "-gram")) << result.out;
}

}  // namespace
}  // namespace microgpt::testing::sweep_test
