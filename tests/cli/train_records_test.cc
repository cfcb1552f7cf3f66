// SPDX-License-Identifier: MIT
// What a run of `train` leaves for its readers: the model card, the picture, the curve at the end.
#include <gtest/gtest.h>

#include <filesystem>

#include "support/tiny_training.h"

namespace microgpt::testing::train_records_test {
namespace {

// The table of the report in Markdown.
TEST(Records, TheModelCardSaysWhatTheReportSays) {
  const TemporaryFolder folder;
  const std::string model = folder.path("my model");
  const ProcessResult result = train_tiny({"-o", model, "--seed", "7"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::string card = read_text(model + "/README.md");
  EXPECT_TRUE(contains(card, "microgpt train - --n-embd 8 --n-head 2 --batch-size 8 --num-steps 30 --num-samples 3 -o '" +
                                 model + "' --seed 7\n"))
      << card;
  std::size_t rows = 0;
  for (const char* part : {"training  ", "validation ", "test   "}) {
    std::string line = result.out.substr(result.out.find(std::string("\n") + part, result.out.find("loss, nats")) + 1);
    line.resize(line.find('\n'));
    std::vector<std::string> numbers;
    for (std::size_t at = line.find("  "); at != std::string::npos; at = line.find("  ", at + 1))
      if (at + 2 < line.size() && line[at + 2] != ' ') numbers.push_back(line.substr(at + 2, line.find("  ", at + 2) - at - 2));
    ASSERT_EQ(numbers.size(), 5U) << line;
    std::string row = " | " + numbers[1] + " | " + numbers[2] + " | " + numbers[3] + " | " + numbers[4] + " |\n";
    EXPECT_TRUE(contains(card, row)) << row << card;
    ++rows;
  }
  EXPECT_EQ(rows, 3U);
  EXPECT_TRUE(contains(card, "SHA-256 | "));
  EXPECT_TRUE(contains(card, "| `seed` | 7 |")) << card;
  EXPECT_TRUE(contains(card, "| corpus | standard input |")) << card;
}

// A run that was stopped after its last step has no card yet, and its user no report.
TEST(Records, AModelCardThatIsMissingIsMadeByResumeWhichReports) {
  const TemporaryFolder folder;
  const std::string model = folder.path("model");
  const ProcessResult whole = train_tiny({"-o", model});
  ASSERT_EQ(whole.exit_code, 0);
  const std::string report = whole.out.substr(whole.out.find("\nloss, nats"));
  for (const char* file : {"/README.md", "/loss.svg"}) {
    const std::string before = read_text(model + file);
    std::filesystem::remove(model + file);
    const ProcessResult result = run_microgpt({"train", "-", "--resume", model}, tiny_corpus());
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_TRUE(contains(result.err, "is finished: 30 of 30 steps")) << result.err;
    EXPECT_EQ(read_text(model + file), before) << file;
    EXPECT_TRUE(contains(result.out, report.substr(0, report.find("samples (")))) << result.out;
    EXPECT_FALSE(contains(result.out, "going on")) << result.out;
  }
}

TEST(Records, AReadmeThatIsNoModelCardStays) {
  const TemporaryFolder folder;
  folder.write("README.md", "# my project\n");
  const ProcessResult result = train_tiny({"-o", folder.path("")});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_TRUE(contains(result.err, "README.md is no model card, and stays as it is\n")) << result.err;
  EXPECT_EQ(read_text(folder.path("README.md")), "# my project\n");
}

TEST(Records, DrawsTheCurveWhereItIsAskedTo) {
  const std::string usual = train_tiny().out;
  const std::string drawn = train_tiny({"--curve"}).out;
  const std::size_t begin = drawn.find("\n  loss, nats; dots: a batch before it is trained on; line: documents held out\n");
  ASSERT_NE(begin, std::string::npos) << drawn;
  const std::size_t end = drawn.find("step\n", begin) + 5;
  const std::string curve = drawn.substr(begin, end - begin);
  EXPECT_EQ(drawn.substr(0, begin) + drawn.substr(end), usual);
  EXPECT_TRUE(contains(curve, "random: ln 13")) << curve;
  EXPECT_TRUE(contains(curve, "-gram ")) << curve;
  EXPECT_GT(lines_with(curve, "⠄") + lines_with(curve, "⣀") + lines_with(curve, "⠁"), 0U) << curve;
  EXPECT_EQ(train_tiny({"--curve", "--quiet"}).out, drawn);
  EXPECT_FALSE(contains(train_tiny({"--curve", "--held-out", "0"}).out, "-gram ")) << "which is of documents held out";
}

}  // namespace
}  // namespace microgpt::testing::train_records_test
