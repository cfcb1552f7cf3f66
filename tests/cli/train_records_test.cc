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
  EXPECT_TRUE(contains(
      card,
      "microgpt train - --preset microgpt --n-embd 8 --n-head 2 --batch-size 8 --num-steps 30 --num-samples 3 -o 'my model' "
      "--seed 7\n"))
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
    const std::string after = read_text(model + file);
    if (std::string(file) == "/README.md")
      EXPECT_EQ(after, before);
    else  // the losses of steps are not kept, and so the picture has the means alone
      for (const char* part : {"<polyline class=\"train\"", "<polyline class=\"validation\"", ">kept: step "}) {
        ASSERT_TRUE(contains(before, part)) << part;
        const std::size_t at = before.find(part);
        EXPECT_TRUE(contains(after, before.substr(at, before.find('\n', at) - at))) << part;
      }
    EXPECT_TRUE(contains(result.out, report.substr(0, report.find("samples (")))) << result.out;
    EXPECT_FALSE(contains(result.out, "going on")) << result.out;
  }
}

// They are there to be published; the state is not, and the run goes on from there.
TEST(Records, OfPathsTheyHaveTheNamesOnly) {
  const TemporaryFolder folder;
  const std::string corpus = folder.write("my corpus.txt", tiny_corpus()), init = folder.path("first");
  const Words tiny{"--n-embd=8", "--n-head=2", "--num-steps=2", "--quiet"};
  const auto with_tiny = [&](Words call) {
    call.insert(call.end(), tiny.begin(), tiny.end());
    const ProcessResult result = run_microgpt(call);
    EXPECT_EQ(result.exit_code, 0) << result.err;
  };
  with_tiny({"train", corpus, "-o", init});
  with_tiny({"train", corpus, "-o" + folder.path("next"), "--init=" + init});
  with_tiny({"train-pair", corpus, corpus, "--output", folder.path("pair")});
  with_tiny({"sweep", corpus, "-o", folder.path("sweep")});
  const std::string next = read_text(folder.path("next/README.md"));
  EXPECT_TRUE(contains(next, "microgpt train 'my corpus.txt' -onext --init=first --n-embd=8")) << next;
  EXPECT_TRUE(contains(next, "# microgpt: my corpus.txt\n")) << next;
  EXPECT_TRUE(contains(next, "| began with | the parameters of first (SHA-256")) << next;
  for (const char* file : {"first/README.md", "first/loss.svg", "next/README.md", "next/loss.svg", "pair/positive/README.md",
                           "pair/positive/loss.svg", "pair/negative/README.md", "pair/roc.svg", "sweep/sweep.svg"}) {
    const std::string text = read_text(folder.path(file));
    EXPECT_FALSE(text.empty()) << file;
    EXPECT_FALSE(contains(text, folder.path(""))) << file << ": " << text;
  }
  for (const char* part : {"\"path\": \"", "microgpt train '"})
    EXPECT_TRUE(contains(read_text(init + "/train_state.json"), part + corpus)) << part;
}

TEST(Records, ThePictureHasTheStepsAndTheKeptOne) {
  const TemporaryFolder folder;
  const std::string model = folder.path("model");
  ASSERT_EQ(train_tiny({"-o", model}).exit_code, 0);
  const std::string picture = read_text(model + "/loss.svg");
  EXPECT_EQ(lines_with(picture, "<circle class=\"step\""), 30U + 1U) << "with that of the legend\n" << picture;
  EXPECT_EQ(lines_with(picture, "<circle class=\"kept\""), 1U + 1U);
  EXPECT_TRUE(contains(picture, ">kept: step ")) << picture;
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
