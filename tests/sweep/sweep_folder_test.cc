// SPDX-License-Identifier: MIT
#include "sweep/sweep_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "io/file.h"
#include "io/json.h"
#include "microgpt/error.h"
#include "support/process.h"

namespace microgpt::sweep_folder_test {
namespace {

using testing::read_text;
using testing::TemporaryFolder;
using enum SweepFolder::Purpose;

SweepPlan some_plan() {
  SweepPlan plan{{{"corpus", std::string(64, 'a'), {}}, {}, std::nullopt, "microgpt sweep"},
                 grids_from_json("g", parse_json("g", R"({"n_embd": [8, 16], "clip": [null, 1]})"))};
  plan.base.options.training.num_steps = 7;
  return plan;
}

SweepResult some_result() {
  return {14528, 8000, 7200, 0.25, HeldOutLosses{{2.1, 2.0}, {2.3, 1.0 / 3.0}}, "", {5, {{2.2, 2.1}, {2.4, 2.3}}}};
}

SweepResult failed_result() { return {100, 3, 0, 0.5, std::nullopt, "the loss is \"nan\"", {5, {{2.2, 2.1}, {2.4, 2.3}}}}; }

class SweepFolderTest : public ::testing::Test {
 protected:
  void begin() { SweepFolder(path_, SweepFolder::Purpose::begin).begin(some_plan()); }
  std::vector<NumberedResult> results() { return SweepFolder(path_, resume).read_results(4); }
  std::string lines() const { return read_text(results_); }
  void append_text(const std::string& text) const { append(results_, text, Durability::when_convenient); }

  std::string complaint() {
    return complaint_of([this] { results(); });
  }

  static std::string complaint_of(const std::function<void()>& call) {
    try {
      call();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.path("sweep");
  std::string results_ = folder_.path("sweep/results.jsonl");
};

TEST_F(SweepFolderTest, GivesBackWhatWasBegunAndFinished) {
  begin();
  {
    SweepFolder folder(path_, resume);
    const SweepPlan plan = folder.read_plan();
    EXPECT_EQ(grids_to_json(plan.grids), grids_to_json(some_plan().grids));
    EXPECT_EQ(train_state_to_json(plan.base), train_state_to_json(some_plan().base));
    folder.add({2, some_result()});
    folder.add({0, failed_result()});
  }
  const std::vector<NumberedResult> read = results();
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(result_line(read[0]), result_line({2, some_result()}));
  EXPECT_EQ(result_line(read[1]), result_line({0, failed_result()}));
  EXPECT_EQ(read[0].result.losses->test.token_mean, 1.0 / 3.0);
  EXPECT_FALSE(read[1].result.losses);
  EXPECT_EQ(read[1].result.failure, "the loss is \"nan\"");
}

// Wherever a kill cuts the last line, those before it count, and what comes next does not stick to it.
TEST_F(SweepFolderTest, ALineWithoutAnEndDoesNotCount) {
  const std::string whole = result_line({1, some_result()});
  const std::string torn = result_line({2, some_result()});
  begin();
  for (std::size_t length = 0; length < torn.size(); length += 9) {
    folder_.write("sweep/results.jsonl", whole + torn.substr(0, length));
    ASSERT_EQ(results().size(), 1U) << length;
    EXPECT_EQ(lines(), whole);
  }
}

TEST_F(SweepFolderTest, AfterALineThatIsNotTakenThereIsNoOther) {
  begin();
  SweepFolder folder(path_, resume);
  std::filesystem::remove(results_);
  std::filesystem::create_directory(results_);
  EXPECT_THROW(folder.add({0, some_result()}), Error);
  std::filesystem::remove(results_);
  append_text("{\"confi");
  EXPECT_THROW(folder.add({1, some_result()}), Error);
  EXPECT_EQ(lines(), "{\"confi");
}

TEST_F(SweepFolderTest, OtherLinesMustBeResults) {
  const std::string line = result_line({1, some_result()});
  for (const std::string& bad : {std::string("x\n"), std::string("\n"), std::string("{}\n"), line.substr(0, 40) + "\n",
                                 std::string(100'000, '[') + "\n"}) {
    begin();
    append_text(line + bad + result_line({2, some_result()}));
    EXPECT_EQ(complaint(), results_ + ": line 2 is no result; take that line out, and --resume trains its configuration again");
  }
}

TEST_F(SweepFolderTest, ResultsAreOfItsConfigurationsAndOneOfEach) {
  begin();
  append_text(result_line({4, some_result()}));
  EXPECT_EQ(complaint(), results_ + ": line 1 is of configuration 5, of which there is none; take that line out");
  begin();
  append_text(result_line({1, some_result()}) + result_line({1, some_result()}));
  EXPECT_EQ(complaint(), results_ + ": line 2 is of configuration 2, of which there is one before; take that line out");
}

TEST_F(SweepFolderTest, BeginningAgainForgetsEverything) {
  begin();
  SweepFolder(path_, resume).add({1, some_result()});
  SweepFolder(path_, resume).write_table("a,b\n");
  begin();
  EXPECT_TRUE(results().empty());
  EXPECT_FALSE(std::filesystem::exists(folder_.path("sweep/results.csv")));
}

TEST_F(SweepFolderTest, OnlyWhatWasBegunGoesOn) {
  EXPECT_FALSE(holds_sweep(path_));
  EXPECT_THROW(SweepFolder(path_, resume), Error);
  begin();
  EXPECT_TRUE(holds_sweep(path_));
  std::filesystem::remove(path_ + "/sweep.json");
  EXPECT_THROW(SweepFolder(path_, resume), Error);
}

TEST_F(SweepFolderTest, HasOneWriter) {
  const SweepFolder folder(path_, SweepFolder::Purpose::begin);
  EXPECT_THROW(SweepFolder(path_, SweepFolder::Purpose::begin), Error);
}

TEST_F(SweepFolderTest, RefusesADamagedPlan) {
  begin();
  const std::string plan = read_text(path_ + "/sweep.json");
  for (const char* part : {"\"base\"", "\"grid\"", "\"n_embd\"", "\"sha256\"", "\"clip\""}) {
    std::string damaged = plan;
    damaged.replace(damaged.find(part), 2, "\"?");
    folder_.write("sweep/sweep.json", damaged);
    EXPECT_THROW(SweepFolder(path_, resume).read_plan(), Error) << part;
  }
}

TEST_F(SweepFolderTest, RefusesFilesThatAreFarTooLarge) {
  begin();
  std::filesystem::resize_file(results_, std::size_t{1} << 30);
  EXPECT_TRUE(complaint().ends_with("it has 1073741824 bytes, more than 327680 bytes, the most that are expected there"));
  begin();
  std::filesystem::resize_file(path_ + "/sweep.json", std::size_t{1} << 30);
  EXPECT_TRUE(complaint_of([&] {
                SweepFolder(path_, resume).read_plan();
              }).ends_with("it has 1073741824 bytes, more than 16777216 bytes, the most that are expected there"));
}

}  // namespace
}  // namespace microgpt::sweep_folder_test
