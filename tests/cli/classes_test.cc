// SPDX-License-Identifier: MIT
// `train-classes` and what `classify` makes of it, as a user calls them; and what a pair's probabilities and thresholds are.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "random/python_random.h"
#include "support/length.h"
#include "support/process.h"

namespace microgpt::testing::classes_test {
namespace {

using Words = std::vector<std::string>;
using nlohmann::json;

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Words lines_of(const std::string& text) {
  Words lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string words(std::string_view vowels, std::string_view consonants, std::size_t count, std::uint64_t seed,
                  const std::string& label = "") {
  PythonRandom random(seed);
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += label;
    for (std::size_t n = 2 + random.randbelow(4); n > 0; --n) {
      text += consonants[random.randbelow(consonants.size())];
      text += vowels[random.randbelow(vowels.size())];
    }
    text += '\n';
  }
  return text;
}

// Three kinds of words, one of them rare.
class Classes : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    files_ = {folder_->write("red.txt", words("aeiou", "bdgkx", 300, 1)),
              folder_->write("green.txt", words("aei", "lmnrs", 300, 2)),
              folder_->write("blue.txt", words("ou", "lmnrs", 60, 3))};
    classifier_ = folder_->path("classifier");
    trained_ = new ProcessResult(train(files_, classifier_));
  }
  static void TearDownTestSuite() {
    delete trained_;
    delete folder_;
  }

  static ProcessResult train(const Words& files, const std::string& folder, const Words& flags = {}) {
    Words call{"train-classes"};
    call.insert(call.end(), files.begin(), files.end());
    call.insert(call.end(), {"-o", folder, "--num-steps", "100", "--n-embd", "8", "--n-layer", "1"});
    call.insert(call.end(), flags.begin(), flags.end());
    return run_microgpt(call);
  }

  static ProcessResult classify(std::string_view input, const Words& flags = {}, const std::string& folder = classifier_) {
    Words call{"classify", folder};
    call.insert(call.end(), flags.begin(), flags.end());
    return run_microgpt(call, input);
  }

  inline static TemporaryFolder* folder_ = nullptr;
  inline static ProcessResult* trained_ = nullptr;
  inline static Words files_;
  inline static std::string classifier_;
};

TEST_F(Classes, AreTrainedAndMeasuredOnWhatWasHeldOut) {
  ASSERT_EQ(trained_->exit_code, 0) << trained_->err;
  for (const char* part : {"red\ndata      300 documents", "documents of the test parts", "accuracy", "among the likeliest 2",
                           "macro F1", "log loss, nats", "calibration error", "all, said to be  red  green  blue\n"})
    EXPECT_TRUE(contains(trained_->out, part)) << part << '\n' << trained_->out;
  EXPECT_TRUE(contains(trained_->err, "blue: ") && contains(trained_->err, "are few")) << trained_->err;
  EXPECT_FALSE(contains(trained_->err, "red: ")) << trained_->err;
  for (const char* name : {"red", "green", "blue"})
    EXPECT_EQ(run_microgpt({"sample", classifier_ + "/" + name, "-n", "2"}).exit_code, 0) << "an ordinary model";
}

TEST_F(Classes, EachLineIsSaidToBeOfOne) {
  const ProcessResult result = classify("bagokuxa\n\nmaneris\nlosumo\n");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const Words lines = lines_of(result.out);
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(lines[0], "text\tlabel\tprobability\tline");
  EXPECT_TRUE(lines[1].starts_with("bagokuxa\tred\t")) << lines[1];
  EXPECT_TRUE(lines[3].starts_with("maneris\tgreen\t")) << lines[3];
  EXPECT_TRUE(lines[4].starts_with("losumo\tblue\t")) << lines[4];
}

TEST_F(Classes, TheLikeliestComeFirstAndAllSumToOne) {
  const Words lines = lines_of(classify("bagoku\nlanera\n", {"--top", "3", "--format", "jsonl"}).out);
  ASSERT_EQ(lines.size(), 2U);
  for (const std::string& line : lines) {
    const json record = json::parse(line);
    const double first = record.at("probability"), second = record.at("probability_2"), third = record.at("probability_3");
    EXPECT_GE(first, second);
    EXPECT_GE(second, third);
    EXPECT_NEAR(first + second + third, 1.0, 1e-9);
  }
  const ProcessResult too_many = classify("", {"--top", "4"});
  EXPECT_EQ(too_many.exit_code, 2);
  EXPECT_EQ(too_many.err, "microgpt: --top 4: there are 3 classes\n");
}

TEST_F(Classes, LabelledFilesTellHowWell) {
  Words call{"--json", "--evaluate"};
  call.insert(call.end(), files_.begin(), files_.end());
  const ProcessResult result = classify("", call);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const json figures = json::parse(result.out);
  EXPECT_EQ(figures.at("documents"), 660);
  EXPECT_GT(figures.at("accuracy"), 0.8);
  EXPECT_EQ(figures.at("classes").at(2).at("name"), "blue");
  EXPECT_TRUE(figures.at("mixture").contains("macro_f1") && figures.at("gpt").contains("log_loss") &&
              figures.contains("ngram"));
  // The records say the same.
  std::size_t right = 0;
  for (const std::string& line : lines_of(classify(read_text(files_[0])).out)) right += contains(line, "\tred\t") ? 1 : 0;
  EXPECT_EQ(figures.at("confusion").at(0).at(0), right);
  // One file with labels is as good as three.
  std::string labelled;
  for (const auto& [file, name] : {std::pair(files_[2], "blue"), std::pair(files_[0], "red"), std::pair(files_[1], "green")})
    for (const std::string& line : lines_of(read_text(file))) labelled += std::string("__label__") + name + " " + line + "\n";
  const std::string path = folder_->write("labelled", labelled);
  EXPECT_EQ(classify("", {"--json", "--evaluate", path}).out, result.out);
  EXPECT_TRUE(contains(classify("", {"--evaluate", files_[0], files_[1]}).err,
                       "2 files for 3 classes; name one for each, in the order "
                       "red, green, blue"));
  const std::string other = folder_->write("other", "__label__black x\n");
  EXPECT_TRUE(
      contains(classify("", {"--evaluate", other}).err, "\"black\" is no class of the classifier; its classes are red"));
}

TEST_F(Classes, FlagsOfAPairAreRefused) {
  for (const Words& flags : std::vector<Words>{{"--threshold", "1"}, {"--calibrate", files_[0]}}) {
    const ProcessResult result = classify("", flags);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_TRUE(contains(result.err, flags[0] + " is for a pair of a positive and a negative class")) << result.err;
  }
}

TEST_F(Classes, AnyNumberOfThreadsPrintsTheSame) {
  const std::string text = read_text(files_[0]) + read_text(files_[1]);
  EXPECT_EQ(classify(text, {"--threads", "1"}).out, classify(text, {"--threads", "3"}).out);
}

// As fastText has them; a class may have any name.
TEST_F(Classes, OneFileMayHoldThemAll) {
  const std::string text = words("aeiou", "bdgkx", 80, 1, "__label__a/b ") + words("aei", "lmnrs", 80, 2, "__label__c ");
  const std::string file = folder_->write("mixed", text), output = folder_->path("from one file");
  const ProcessResult result = train({file}, output, {"--held-out", "0.1"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(std::filesystem::exists(output + "/a%2Fb/model.safetensors"));
  EXPECT_TRUE(contains(classify("bagoku\n", {}, output).out, "bagoku\ta/b\t"));
  // It goes on from the file alone, and knows what it was trained on.
  const ProcessResult again = run_microgpt({"train-classes", "--resume", output});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_TRUE(contains(result.out, again.out.substr(again.out.find("accuracy"))));
  EXPECT_TRUE(contains(classify("", {"--evaluate", file}, output).err, "was trained on ")) << "as eval says of a model";
}

TEST_F(Classes, GoOnWhereTheyWereStopped) {
  const auto call = [](const std::string& output) {
    return Words{"train-classes", files_[0],    files_[1],     "-o",
                 output,          "--n-embd=8", "--n-layer=1", "--num-steps=" + std::to_string(full_or(4000, 200))};
  };
  const std::string whole = folder_->path("whole"), stopped = folder_->path("stopped");
  ASSERT_EQ(run_microgpt(call(whole)).exit_code, 0);
  const ProcessResult result = signal_microgpt(call(stopped), SIGINT);
  EXPECT_EQ(result.exit_code, 130);
  EXPECT_TRUE(contains(result.err, "microgpt train-classes --resume " + stopped + " goes on from there\n")) << result.err;
  const ProcessResult unfinished = classify("x\n", {}, stopped);
  EXPECT_EQ(unfinished.exit_code, 1);
  EXPECT_TRUE(contains(unfinished.err, "is not finished: go on with it by microgpt train-classes --resume ")) << unfinished.err;
  EXPECT_EQ(run_microgpt({"train-classes", "--resume", stopped}).exit_code, 0);
  EXPECT_EQ(read_text(stopped + "/classifier.json"), read_text(whole + "/classifier.json"));
}

TEST_F(Classes, GoOnFromStandardInputAndFromAllFilesOrNone) {
  const std::string text = words("aeiou", "bdgkx", 80, 1, "__label__a ") + words("aei", "lmnrs", 80, 2, "__label__b ");
  const std::string output = folder_->path("from input");
  ASSERT_EQ(run_microgpt({"train-classes", "-", "-o", output, "--num-steps=5", "--n-embd=8", "--n-layer=1"}, text).exit_code,
            0);
  const ProcessResult again = run_microgpt({"train-classes", "--resume", output, "-"}, text);
  EXPECT_EQ(again.exit_code, 0) << again.err;
  const ProcessResult two = run_microgpt({"train-classes", "--resume", classifier_, files_[0], files_[1]});
  EXPECT_EQ(two.exit_code, 2);
  EXPECT_TRUE(contains(two.err, "2 files for 3 classes; name none of them, or all")) << two.err;
  const ProcessResult pair = run_microgpt({"train-pair", "--resume", classifier_});
  EXPECT_EQ(pair.exit_code, 1);
  EXPECT_TRUE(contains(pair.err, " was made by train-classes: go on with it by microgpt train-classes --resume ")) << pair.err;
}

// What would count for nothing counts as certain.
TEST_F(Classes, APartThatIsMissingIsNamed) {
  for (const char* file : {"/red/mixture.json", "/red/ngram.bin"}) {
    const std::string copy = folder_->path("missing");
    std::filesystem::remove_all(copy);
    std::filesystem::copy(classifier_, copy, std::filesystem::copy_options::recursive);
    std::filesystem::remove(copy + file);
    const ProcessResult refused = classify("x\n", {}, copy);
    EXPECT_EQ(refused.exit_code, 1) << file;
    EXPECT_TRUE(contains(refused.err, copy + "/red has no mixture with an n-gram, which the classifier weighs: "))
        << refused.err;
    EXPECT_EQ(classify("x\n", {"--predictor", "gpt"}, copy).exit_code, 0);
  }
}

TEST_F(Classes, TheLinearModelIsOneOfThoseThatClassify) {
  const std::string copy = folder_->path("linear");
  std::filesystem::copy(classifier_, copy, std::filesystem::copy_options::recursive);
  const Words by_linear = lines_of(classify("kabogu\nlemina\n", {"--predictor", "linear"}, copy).out);
  ASSERT_EQ(by_linear.size(), 3U);
  EXPECT_TRUE(contains(by_linear[1], "\tred\t")) << by_linear[1];
  EXPECT_TRUE(contains(by_linear[2], "\tgreen\t")) << by_linear[2];
  const std::string bytes = read_text(copy + "/linear.bin");
  std::filesystem::remove(copy + "/linear.bin");
  EXPECT_TRUE(contains(classify("x\n", {}, copy).err, copy + "/linear.bin is not there, and the classifier weighs it: "));
  EXPECT_EQ(classify("x\n", {"--predictor", "gpt"}, copy).exit_code, 0);
  folder_->write("linear/linear.bin", bytes.substr(0, bytes.size() - 1));
  EXPECT_TRUE(contains(classify("x\n", {}, copy).err, "it is not the linear model that the classifier was fitted to: "));
  ASSERT_EQ(run_microgpt({"train-classes", "--resume", copy}).exit_code, 0);
  EXPECT_EQ(read_text(copy + "/linear.bin"), bytes) << "fitted anew, to the same bytes";
}

TEST_F(Classes, AFolderThatCannotBeMadeEndsInAMessage) {
  const std::string output = folder_->path("taken");
  std::filesystem::create_directory(output);
  folder_->write("taken/red", "a file");
  const ProcessResult result = train(files_, output);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(contains(result.err, output + "/red")) << result.err;
}

TEST_F(Classes, WhatIsNoClassifierIsRefused) {
  EXPECT_TRUE(contains(classify("x\n", {}, folder_->path("nowhere")).err, " holds no classifier: train one with "));
  EXPECT_TRUE(contains(classify("x\n", {}, classifier_ + "/red").err, " is one model, and a classifier needs two or more: "));
  EXPECT_EQ(train({files_[0], files_[0]}, folder_->path("twice")).exit_code, 2);
  const std::string unlabelled = folder_->write("unlabelled", "__label__a x\ny\n");
  EXPECT_TRUE(contains(train({unlabelled}, folder_->path("none")).err, ": line 2 does not begin with __label__CLASS; "));
  EXPECT_TRUE(contains(run_microgpt({"score", classifier_}, "x\n").err, " holds a classifier: name one of its models"));
  EXPECT_TRUE(contains(train(files_, classifier_).err, " holds a classifier already: go on with it by --resume "));
}

// A model that was trained further is another one.
TEST_F(Classes, AModelThatHasChangedIsNamed) {
  const std::string copy = folder_->path("changed");
  ASSERT_EQ(
      run_microgpt({"train-classes", files_[0], files_[1], "-o", copy, "--num-steps=5", "--n-embd=8", "--n-layer=1"}).exit_code,
      0);
  ASSERT_EQ(run_microgpt({"train", "--resume", copy + "/red", "--num-steps", "50", "--quiet"}).exit_code, 0);
  const ProcessResult refused = classify("x\n", {}, copy);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(contains(refused.err,
                       "the model of \"red\" is not the one that the classifier was fitted to: fit it anew with "
                       "microgpt train-classes --resume " +
                           copy))
      << refused.err;
  ASSERT_EQ(run_microgpt({"train-classes", "--resume", copy}).exit_code, 0);
  EXPECT_EQ(classify("x\n", {}, copy).exit_code, 0);
}

// Bots, all alike, and users: some way lies between them.
class PairThreshold : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    std::string bots;
    for (std::size_t i = 0; i < 400; ++i) bots += "bot" + std::to_string(1000 + 7 * i) + "\n";
    bots_ = folder_->write("bots", bots);
    users_ = folder_->write("users", words("aeiou", "lmnrst", 400, 1));
    pair_ = folder_->path("pair");
    trained_ = new ProcessResult(run_microgpt(
        {"train-pair", users_, bots_, "-o", pair_, "--num-steps", "100", "--n-embd", "8", "--n-layer", "1", "--quiet"}));
  }
  static void TearDownTestSuite() {
    delete trained_;
    delete folder_;
  }

  static ProcessResult classify(const Words& flags, std::string_view input = "") {
    Words call{"classify", pair_};
    call.insert(call.end(), flags.begin(), flags.end());
    return run_microgpt(call, input);
  }

  inline static TemporaryFolder* folder_ = nullptr;
  inline static ProcessResult* trained_ = nullptr;
  inline static std::string bots_, users_, pair_;
};

TEST_F(PairThreshold, TheThresholdLiesInIt) {
  ASSERT_EQ(trained_->exit_code, 0) << trained_->err;
  const std::string file = folder_->path("threshold");
  const ProcessResult result = classify({"--calibrate", bots_, "--false-positive-rate", "0.05", "--threshold-file", file});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const double threshold = json::parse(read_text(file)).at("threshold");
  const auto ratios = [&](const std::string& path) {
    std::vector<double> all;
    for (const std::string& line : lines_of(classify({"--format", "jsonl", "--threshold", "0"}, read_text(path)).out))
      all.push_back(json::parse(line).at("log_likelihood_ratio"));
    return all;
  };
  for (const double ratio : ratios(bots_)) EXPECT_LT(ratio, threshold);
  for (const double ratio : ratios(users_)) EXPECT_GT(ratio, threshold);
}

// A threshold of the models is none of the n-grams.
TEST_F(PairThreshold, EachMethodHasAThresholdOfItsOwn) {
  const json figures = json::parse(classify({"--calibrate", bots_, "--false-positive-rate", "0.01", "--threshold-file",
                                             folder_->path("own"), "--evaluate", users_, bots_, "--json"})
                                       .out);
  EXPECT_EQ(figures.at("accuracy"), 1.0);
  for (const char* method : {"mixture", "gpt", "ngram"}) {
    EXPECT_GE(figures.at(method).at("accuracy"), 0.99) << method;
    EXPECT_NE(figures.at(method).at("threshold"), figures.at("threshold")) << method;
  }
}

TEST_F(PairThreshold, IsNeverPutInThePlaceOfWhatIsNoFile) {
  EXPECT_EQ(classify({"--calibrate", bots_, "--threshold-file", "-"}).exit_code, 2);
  const std::string pipe = folder_->path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const ProcessResult refused = classify({"--calibrate", bots_, "--threshold-file", pipe});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(contains(refused.err, "cannot write " + pipe + ": it is there already, and no file; name another path"))
      << refused.err;
  EXPECT_TRUE(std::filesystem::is_fifo(pipe));
}

TEST_F(PairThreshold, FewNegativesCannotTellASmallRate) {
  const std::string three = folder_->write("three", "bot1\nbot22\nbot333\n"), file = folder_->path("of three");
  const ProcessResult result = classify({"--calibrate", three, "--false-positive-rate", "0.001", "--threshold-file", file});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_TRUE(contains(result.err, three + ": 3 negatives cannot tell a rate of 0.001, which takes 1000 of them at least"))
      << result.err;
  const std::string out = classify({"--evaluate", users_, bots_, "--threshold", "0"}).out;
  EXPECT_TRUE(contains(out, "recall at 0.1% false positives       -")) << out;
}

TEST_F(PairThreshold, ProbabilitiesAgreeWithLabels) {
  const Words lines = lines_of(classify({"--format", "jsonl"}, "lamone\nbot1234\nbotalo\n\n").out);
  ASSERT_EQ(lines.size(), 4U);
  for (const std::string& line : lines) {
    const json record = json::parse(line);
    EXPECT_EQ(record.at("label") == "positive", record.at("probability") > 0.5) << line;
  }
}

TEST_F(PairThreshold, TheModelsNamedOneByOneAreTheSameClassifier) {
  const std::string text = "lamone\nbot1234\n";
  const Words models{"classify", "--positive", pair_ + "/positive", "--negative", pair_ + "/negative"};
  EXPECT_EQ(run_microgpt(models, text).out, classify({}, text).out);
  const ProcessResult swapped =
      run_microgpt({"classify", "--positive", pair_ + "/negative", "--negative", pair_ + "/positive"}, text);
  EXPECT_TRUE(swapped.out.starts_with("text\tlog_likelihood_ratio\tlabel\tline\n")) << "no pair that was trained so";
  EXPECT_TRUE(contains(run_microgpt({"classify", pair_ + "/positive", "--predictor", "all"}).err, " is one model"));
  EXPECT_EQ(run_microgpt({"classify"}).exit_code, 2);
  EXPECT_EQ(run_microgpt({"classify", "--positive", pair_ + "/positive"}).exit_code, 2);
}

}  // namespace
}  // namespace microgpt::testing::classes_test
