// SPDX-License-Identifier: MIT
// `train-pair` and `classify` as a user calls them.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/saved_model.h"
#include "random/python_random.h"
#include "support/length.h"
#include "support/process.h"

namespace microgpt::testing::classify_test {
namespace {

using Words = std::vector<std::string>;
using nlohmann::json;

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Words split(const std::string& text, char at) {
  Words parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, at);) parts.push_back(part);
  return parts;
}

// Two kinds of words that share most of their characters.
std::string words(std::string_view vowels, std::string_view consonants, std::size_t count, std::uint64_t seed) {
  PythonRandom random(seed);
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t n = 2 + random.randbelow(4); n > 0; --n) {
      text += consonants[random.randbelow(consonants.size())];
      text += vowels[random.randbelow(vowels.size())];
    }
    text += '\n';
  }
  return text;
}

class Pair : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    positive_corpus_ = folder_->write("positives", words("aeiou", "bdgkx", 400, 1));
    negative_corpus_ = folder_->write("negatives", words("aei", "lmnrs", 400, 2));
    pair_ = folder_->path("pair");
    trained_ = new ProcessResult(train(pair_));
  }
  static void TearDownTestSuite() {
    delete trained_;
    delete folder_;
  }

  static ProcessResult train(const std::string& pair, const Words& flags = {}) {
    Words call{"train-pair",
               positive_corpus_,
               negative_corpus_,
               "-o",
               pair,
               "--num-steps",
               "200",
               "--patience",
               "0",
               "--n-embd",
               "8",
               "--n-layer",
               "1",
               "--quiet"};
    call.insert(call.end(), flags.begin(), flags.end());
    return run_microgpt(call);
  }

  static ProcessResult classify(std::string_view input, const Words& flags = {}) {
    Words call{"classify", "--positive", pair_ + "/positive", "--negative", pair_ + "/negative"};
    call.insert(call.end(), flags.begin(), flags.end());
    return run_microgpt(call, input);
  }

  inline static TemporaryFolder* folder_ = nullptr;
  inline static ProcessResult* trained_ = nullptr;
  inline static std::string positive_corpus_, negative_corpus_, pair_;
};

TEST_F(Pair, IsTrainedOnOneVocabularyAndSaysHowWellItDoes) {
  ASSERT_EQ(trained_->exit_code, 0) << trained_->err;
  EXPECT_EQ(trained_->err, "");
  for (const char* part : {"positive\ndata      400 documents", "negative\ndata      400 documents", "context 11, relu",
                           "ROC AUC", "recall at 0.1% false positives", "said positive", "-gram"})
    EXPECT_TRUE(contains(trained_->out, part)) << part << '\n' << trained_->out;
  const SavedModel positive = load_model(pair_ + "/positive");
  const SavedModel negative = load_model(pair_ + "/negative");
  EXPECT_EQ(positive.tokenizer.characters(), U"abdegiklmnorsux");
  EXPECT_EQ(negative.tokenizer.characters(), positive.tokenizer.characters());
  EXPECT_TRUE(read_text(pair_ + "/roc.svg").starts_with("<svg"));
}

TEST_F(Pair, LeavesOrdinaryModels) {
  for (const char* kind : {"/positive", "/negative"}) {
    const std::string model = pair_ + kind;
    EXPECT_EQ(run_microgpt({"sample", model, "-n", "3"}).exit_code, 0);
    const ProcessResult eval =
        run_microgpt({"eval", model, kind == std::string("/positive") ? positive_corpus_ : negative_corpus_});
    EXPECT_TRUE(contains(eval.out, "validation")) << eval.out << eval.err;
    const ProcessResult resumed = run_microgpt({"train", "--resume", model});
    EXPECT_EQ(resumed.exit_code, 0);
    EXPECT_TRUE(contains(resumed.err, "the run in " + model + " is finished: 200 of 200 steps")) << resumed.err;
    for (const char* file : {"/log.jsonl", "/loss.svg", "/ngram.bin"}) EXPECT_NE(read_text(model + file), "") << file;
  }
}

TEST_F(Pair, TheSameCallMakesTheSameBytes) {
  const std::string again = folder_->path("again");
  EXPECT_EQ(train(again).out, trained_->out);
  for (const char* file : {"/positive/checkpoint.safetensors", "/negative/checkpoint.safetensors", "/roc.svg"})
    EXPECT_TRUE(read_text(again + file) == read_text(pair_ + file)) << file;
}

// The one is not replaced when the other cannot be trained.
TEST_F(Pair, IsReplacedAsAWholeOrNotAtAll) {
  const std::string before = read_text(pair_ + "/positive/checkpoint.safetensors");
  const std::string single = folder_->path("single");
  std::ofstream(single) << "just one\n";
  const ProcessResult result = run_microgpt({"train-pair", positive_corpus_, single, "-o", pair_, "--overwrite"});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_TRUE(read_text(pair_ + "/positive/checkpoint.safetensors") == before);
}

// A model of before would pass for one that is finished.
TEST_F(Pair, WhatReplacesItLeavesNoOldModelWhereItStops) {
  const std::string copy = folder_->path("half_replaced");
  std::filesystem::copy(pair_, copy, std::filesystem::copy_options::recursive);
  std::filesystem::remove(copy + "/positive/ngram.bin");
  std::filesystem::create_directory(copy + "/positive/ngram.bin");
  folder_->write("half_replaced/positive/ngram.bin/in_the_way", "x");
  EXPECT_EQ(run_microgpt({"train-pair", negative_corpus_, positive_corpus_, "-o", copy, "--overwrite"}).exit_code, 1);
  EXPECT_FALSE(std::filesystem::exists(copy + "/negative/config.json"));
  EXPECT_EQ(run_microgpt({"train-pair", "--resume", copy}).exit_code, 1);
  EXPECT_EQ(run_microgpt({"classify", copy}, "a\n").exit_code, 1);
}

std::string figures_in(const std::string& out) { return out.substr(std::min(out.find("Told apart"), out.size())); }

void expect_same_pair(const std::string& pair, const std::string& other) {
  for (const char* file :
       {"/positive/checkpoint.safetensors", "/positive/model.safetensors", "/positive/README.md",
        "/negative/checkpoint.safetensors", "/negative/model.safetensors", "/negative/README.md", "/roc.svg"}) {
    // The command line in the card names the folder.
    std::string text = read_text(pair + file);
    if (const std::size_t at = text.find("-o stopped"); at != std::string::npos) text.replace(at, 10, "-o whole");
    EXPECT_TRUE(text == read_text(other + file)) << file;
  }
}

// Pairs that take long enough to be stopped, and one that was not.
class PairResumed : public Pair {
 protected:
  static Words long_call(const std::string& pair) {
    return {"train-pair", positive_corpus_, negative_corpus_, "-o", pair, "--num-steps=" + std::to_string(full_or(4000, 200)),
            "--n-embd=8", "--n-layer=1",    "--patience=0"};
  }

  void stop() const {
    const ProcessResult result = signal_microgpt(long_call(stopped_), SIGINT);
    EXPECT_EQ(result.exit_code, 130);
    EXPECT_TRUE(contains(result.err, "microgpt train-pair --resume " + stopped_ + " goes on from there\n")) << result.err;
    EXPECT_FALSE(std::filesystem::exists(stopped_ + "/roc.svg"));
  }

  static ProcessResult resume(const std::string& pair, const Words& more = {}) {
    Words call{"train-pair", "--resume", pair};
    call.insert(call.end(), more.begin(), more.end());
    return run_microgpt(call);
  }

  TemporaryFolder own_;
  std::string stopped_ = own_.path("stopped");
  std::string whole_ = own_.path("whole");
};

TEST_F(PairResumed, EndsAsOneThatWasNotStopped) {
  const ProcessResult whole = run_microgpt(long_call(whole_));
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  stop();
  const ProcessResult resumed = resume(stopped_, {"--threads", "2"});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_TRUE(contains(figures_in(resumed.out), "ROC AUC")) << resumed.out;
  EXPECT_EQ(figures_in(resumed.out), figures_in(whole.out));
  expect_same_pair(stopped_, whole_);
}

// Each half is a run of its own.
TEST_F(PairResumed, GoesOnWithWhatEachHalfLacks) {
  ASSERT_EQ(run_microgpt(long_call(whole_)).exit_code, 0);
  stop();
  const ProcessResult half = run_microgpt({"train", "--resume", stopped_ + "/negative", "--quiet"});
  ASSERT_EQ(half.exit_code, 0) << half.err;
  std::filesystem::remove(stopped_ + "/negative/README.md");
  const ProcessResult resumed = resume(stopped_);
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  expect_same_pair(stopped_, whole_);
}

TEST_F(PairResumed, EvaluatesAgainWhereBothAreFinished) {
  const std::string picture = read_text(pair_ + "/roc.svg"), log = read_text(pair_ + "/positive/log.jsonl");
  std::filesystem::remove(pair_ + "/roc.svg");
  const ProcessResult result = resume(pair_);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, figures_in(trained_->out));
  for (const char* kind : {"positive", "negative"})
    EXPECT_TRUE(contains(result.err, "the run in " + pair_ + "/" + kind + " is finished: 200 of 200 steps")) << result.err;
  EXPECT_EQ(read_text(pair_ + "/roc.svg"), picture);
  EXPECT_EQ(read_text(pair_ + "/positive/log.jsonl"), log);
  EXPECT_EQ(resume(pair_, {"--quiet"}).err, "");
}

TEST_F(PairResumed, TakesTheSameFilesOnlyWhereverTheyAre) {
  const std::string moved = own_.write("moved", read_text(negative_corpus_));
  EXPECT_EQ(resume(pair_, {positive_corpus_, moved}).exit_code, 0);
  EXPECT_TRUE(contains(read_text(pair_ + "/negative/train_state.json"), moved)) << "where it is looked for from now on";
  EXPECT_EQ(resume(pair_, {positive_corpus_, negative_corpus_}).exit_code, 0);
  const ProcessResult swapped = resume(pair_, {negative_corpus_, positive_corpus_});
  EXPECT_EQ(swapped.exit_code, 1);
  EXPECT_TRUE(contains(swapped.err, " is not the corpus that " + pair_ + "/positive was trained on")) << swapped.err;
}

TEST_F(PairResumed, TakesStandardInputAgain) {
  const std::string text = read_text(negative_corpus_);
  ASSERT_EQ(run_microgpt({"train-pair", positive_corpus_, "-", "-o", whole_, "--num-steps=2", "--n-embd=8", "--quiet"}, text)
                .exit_code,
            0);
  const ProcessResult without = resume(whole_);
  EXPECT_EQ(without.exit_code, 2);
  EXPECT_EQ(without.err, "microgpt: --resume " + whole_ + ": the corpus of " + whole_ +
                             "/negative came from standard input; give the files again, as in train-pair --resume " + whole_ +
                             " FILES, with - for it\n");
  EXPECT_EQ(run_microgpt({"train-pair", "--resume", whole_, positive_corpus_, "-"}, text).exit_code, 0);
}

TEST_F(PairResumed, AndARunAreNeverInOneFolder) {
  const ProcessResult run = run_microgpt({"train", positive_corpus_, "-o", pair_, "--overwrite", "--num-steps=1"});
  EXPECT_EQ(run.err, "microgpt: " + pair_ + " holds a pair: name another folder\n");
  const std::string single = own_.path("single");
  ASSERT_EQ(run_microgpt({"train", positive_corpus_, "-o", single, "--num-steps=1", "--n-embd=8", "--quiet"}).exit_code, 0);
  EXPECT_EQ(train(single, {"--overwrite"}).err,
            "microgpt: " + single + " holds a run, which is no pair: name another folder\n");
  EXPECT_TRUE(contains(run_microgpt({"sample", pair_}).err, " holds a pair: name one of its models, "));
}

TEST_F(PairResumed, IsNoRun) {
  const ProcessResult result = run_microgpt({"train", "--resume", pair_});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.err, "microgpt: " + pair_ +
                            " holds a pair, and no run of its own: go on with it by microgpt train-pair --resume " + pair_ +
                            "\n");
}

TEST_F(PairResumed, RefusesTwoRunsThatAreNoPair) {
  for (const char* kind : {"positive", "negative"}) {
    const std::string seed = kind == std::string("positive") ? "1" : "2";
    ASSERT_EQ(run_microgpt({"train", positive_corpus_, "-o", whole_ + "/" + kind, "--seed", seed, "--num-steps=2", "--n-embd=8",
                            "--quiet"})
                  .exit_code,
              0);
  }
  const ProcessResult result = resume(whole_);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(contains(result.err, "positive and " + whole_ + "/negative are no pair: ")) << result.err;
}

TEST_F(Pair, ReplacesModelsOnlyWhereItIsAsked) {
  const ProcessResult refused = train(pair_);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_EQ(refused.err, "microgpt: " + pair_ + " holds a pair already: go on with it by --resume " + pair_ +
                             ", replace it with --overwrite, or name another folder\n");
}

TEST_F(Pair, NothingHeldOutIsNoFiguresNorAPictureOfBefore) {
  const std::string all = folder_->path("all");
  std::filesystem::copy(pair_, all, std::filesystem::copy_options::recursive);
  ASSERT_TRUE(std::filesystem::exists(all + "/roc.svg"));
  const ProcessResult result = train(all, {"--held-out", "0", "--overwrite"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_FALSE(contains(result.out, "ROC AUC"));
  EXPECT_FALSE(std::filesystem::exists(all + "/roc.svg"));
}

TEST_F(Pair, TellsLinesApart) {
  const ProcessResult result = classify(" bagokuxa \n\nmaneris\n");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const Words lines = split(result.out, '\n');
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0], "text\tlog_likelihood_ratio\tprobability\tlabel\tline");
  EXPECT_TRUE(lines[1].starts_with("bagokuxa\t") && lines[1].ends_with("\tpositive\t1")) << lines[1];
  EXPECT_TRUE(lines[2].starts_with("\t")) << "an empty document";
  EXPECT_TRUE(lines[3].starts_with("maneris\t-") && lines[3].ends_with("\tnegative\t3")) << lines[3];
}

// The ratio is the difference of what `score` says.
TEST_F(Pair, TheRatioIsTheDifferenceOfTheScores) {
  const std::string text = "bagokuxa\nmaneris\n\nsomuchlongerthanthecontextofthemodels\n";
  const auto bits = [&](const char* kind) {
    std::vector<double> all;
    for (const std::string& line : split(run_microgpt({"score", pair_ + kind, "--format", "jsonl"}, text).out, '\n'))
      all.push_back(json::parse(line).at("bits"));
    return all;
  };
  const std::vector<double> positive = bits("/positive");
  const std::vector<double> negative = bits("/negative");
  const Words records = split(classify(text, {"--format", "jsonl", "--predictor", "mixture"}).out, '\n');
  ASSERT_EQ(records.size(), positive.size());
  for (std::size_t i = 0; i < records.size(); ++i)
    EXPECT_NEAR(json::parse(records[i]).at("log_likelihood_ratio"), (negative[i] - positive[i]) * std::log(2.0), 1e-9);
}

TEST_F(Pair, AnyNumberOfThreadsPrintsTheSame) {
  std::string lines;
  while (lines.size() < full_or(1'000'000, 200'000)) lines += read_text(positive_corpus_) + read_text(negative_corpus_);
  const std::string one = classify(lines, {"--threads", "1"}).out;
  for (const char* threads : {"2", "5"}) EXPECT_TRUE(classify(lines, {"--threads", threads}).out == one) << threads;
}

TEST_F(Pair, TheThresholdIsGiven) {
  for (const auto& [threshold, label] :
       std::vector<std::pair<std::string, std::string>>{{"-1000", "positive"}, {"1000", "negative"}})
    for (const std::string& line :
         split(classify("bagoku\nmaneri\n", {"--threshold", threshold, "--format", "jsonl"}).out, '\n'))
      EXPECT_EQ(json::parse(line).at("label"), label);
}

TEST_F(Pair, TheThresholdIsCalibratedAndStored) {
  const std::string file = folder_->path("threshold.json");
  const ProcessResult calibrated = classify("", {"--predictor", "mixture", "--calibrate", negative_corpus_,
                                                 "--false-positive-rate", "0.1", "--threshold-file", file});
  EXPECT_EQ(calibrated.exit_code, 0) << calibrated.err;
  EXPECT_EQ(calibrated.out, "");
  EXPECT_TRUE(contains(calibrated.err, "at most 10% of 400 negatives are above it; stored in " + file)) << calibrated.err;
  const json stored = json::parse(read_text(file));
  EXPECT_EQ(stored.at("negatives"), 400);
  const double threshold = stored.at("threshold");

  const ProcessResult result =
      classify(read_text(negative_corpus_), {"--predictor", "mixture", "--threshold-file", file, "--format", "jsonl"});
  EXPECT_TRUE(contains(result.err, "at most 10% of 400 negatives")) << result.err;
  std::size_t positives = 0;
  for (const std::string& line : split(result.out, '\n')) {
    const json record = json::parse(line);
    EXPECT_EQ(record.at("label") == "positive", record.at("log_likelihood_ratio").get<double>() > threshold);
    positives += record.at("label") == "positive" ? 1 : 0;
  }
  EXPECT_LE(positives, 40U);
  EXPECT_GE(positives, 30U) << "no higher than it must be";

  // Of other models it is refused; by default it lies beside the positive model and is used.
  const ProcessResult other = run_microgpt({"classify", "--positive", pair_ + "/negative", "--negative", pair_ + "/positive",
                                            "--predictor", "mixture", "--threshold-file", file},
                                           "a\n");
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_TRUE(contains(other.err, "was found for other models than")) << other.err;
  const std::string copy = folder_->path("copy");
  std::filesystem::copy(pair_, copy, std::filesystem::copy_options::recursive);
  const Words models{"classify", "--positive", copy + "/positive", "--negative", copy + "/negative", "--predictor", "mixture"};
  Words calibrate = models;
  calibrate.insert(calibrate.end(), {"--calibrate", negative_corpus_, "--false-positive-rate", "0.1"});
  EXPECT_EQ(run_microgpt(calibrate).exit_code, 0);
  EXPECT_EQ(read_text(copy + "/positive/threshold.json"), read_text(file));
  EXPECT_TRUE(contains(run_microgpt(models, "a\n").err, copy + "/positive/threshold.json"));
}

// What was found with other weights would not have the rate that was asked for.
TEST_F(Pair, AThresholdGoesWithTheWeightsThatItWasFoundWith) {
  const std::string copy = folder_->path("refitted");
  std::filesystem::copy(pair_, copy, std::filesystem::copy_options::recursive);
  ASSERT_EQ(run_microgpt({"classify", copy, "--calibrate", negative_corpus_}).exit_code, 0);
  const std::string threshold = copy + "/positive/threshold.json";
  ASSERT_EQ(run_microgpt({"train-pair", "--resume", copy}).exit_code, 0);
  EXPECT_TRUE(std::filesystem::exists(threshold)) << "the same weights are fitted again";
  std::string text = read_text(copy + "/classifier.json");
  const std::size_t at = text.find("\"linear\": ") + 10;
  text.insert(at, "1");
  folder_->write("refitted/classifier.json", text);
  const ProcessResult resumed = run_microgpt({"train-pair", "--resume", copy});
  EXPECT_EQ(resumed.exit_code, 0);
  EXPECT_TRUE(contains(resumed.err, threshold + " was found with other weights, and is removed: calibrate again"))
      << resumed.err;
  EXPECT_FALSE(std::filesystem::exists(threshold));
}

TEST_F(Pair, WhereOneHasNoMixtureBothPredictWithout) {
  const std::string copy = folder_->path("one_mixture");
  std::filesystem::copy(pair_, copy, std::filesystem::copy_options::recursive);
  std::filesystem::remove(copy + "/classifier.json");
  std::filesystem::remove(copy + "/negative/mixture.json");
  const Words models{"classify", "--positive", copy + "/positive", "--negative", copy + "/negative"};
  Words by_gpt = models;
  by_gpt.insert(by_gpt.end(), {"--predictor", "gpt"});
  const ProcessResult without = run_microgpt(models, "anna\n");
  EXPECT_TRUE(contains(without.err, " has no mixture with an n-gram, so that both models predict without")) << without.err;
  EXPECT_EQ(without.out, run_microgpt(by_gpt, "anna\n").out);
}

TEST_F(Pair, LabelledFilesTellHowWell) {
  const std::string picture = folder_->path("roc.svg");
  const Words evaluate{"--evaluate", positive_corpus_, negative_corpus_};
  Words with_json = evaluate;
  with_json.insert(with_json.end(), {"--json", "--svg", picture});
  const ProcessResult result = classify("", with_json);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const json figures = json::parse(result.out);
  EXPECT_EQ(figures.at("positives"), 400);
  EXPECT_EQ(figures.at("negatives"), 400);
  EXPECT_GT(figures.at("roc_auc"), 0.9);
  EXPECT_TRUE(read_text(picture).starts_with("<svg"));
  const ProcessResult table = classify("", evaluate);
  EXPECT_TRUE(contains(table.out, "said positive")) << table.out;
  // The records say the same.
  std::size_t found = 0;
  for (const std::string& line : split(classify(read_text(positive_corpus_)).out, '\n'))
    found += contains(line, "\tpositive\t") ? 1 : 0;
  EXPECT_EQ(figures.at("true_positives"), found);
  // The pair of n-grams stands beside.
  const json eval = json::parse(run_microgpt({"eval", pair_ + "/positive", positive_corpus_, "--json"}).out);
  const std::string name = figures.at("ngram").at("name");
  EXPECT_TRUE(name.starts_with(eval.at("ngram_order").dump() + "-")) << name;
  EXPECT_GT(figures.at("ngram").at("roc_auc"), 0.9);
  EXPECT_TRUE(contains(table.out, name)) << table.out;
  EXPECT_TRUE(contains(read_text(picture), name));
}

// As many as `eval` says, wherever the corpus and however many of its documents are in the file; of new ones nothing.
TEST_F(Pair, WarnsOfDocumentsThatItWasTrainedOn) {
  const json eval = json::parse(run_microgpt({"eval", pair_ + "/negative", negative_corpus_, "--json"}).out);
  const std::string count = eval.at("training").at("documents").dump();
  const std::string warning = "microgpt: " + negative_corpus_ + ": " + pair_ + "/negative was trained on " + count +
                              " of the 400 documents; of new ones figures will be worse\n";
  const std::string threshold = folder_->path("threshold of known documents.json");
  EXPECT_TRUE(classify("", {"--calibrate", negative_corpus_, "--threshold-file", threshold}).err.starts_with(warning));
  const std::string new_words = folder_->write("new", words("ou", "lmnrs", 50, 3));
  const auto messages = [&](const std::string& negatives) {
    return classify("", {"--evaluate", new_words, negatives, "--threshold", "0"}).err;
  };
  EXPECT_EQ(messages(negative_corpus_), warning);
  const std::string more = folder_->write("more", read_text(negative_corpus_) + read_text(new_words));
  EXPECT_TRUE(contains(messages(more), count + " of the 450 documents")) << messages(more);
  const std::string moved = folder_->path("moved");
  std::filesystem::rename(negative_corpus_, moved);
  EXPECT_TRUE(contains(messages(moved), moved + ": ")) << messages(moved);
  EXPECT_EQ(messages(more), "") << "nobody knows any more";
  std::filesystem::rename(moved, negative_corpus_);
}

TEST_F(Pair, BlankLinesAreNoLabelledDocuments) {
  const std::string blank = folder_->write("blank", "\n \n");
  const ProcessResult result = classify("", {"--calibrate", blank});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.err, "microgpt: " + blank + ": there are no documents; it needs at least one line that is not blank\n");
}

}  // namespace
}  // namespace microgpt::testing::classify_test
