// SPDX-License-Identifier: MIT
// `sample` as a user calls it.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <set>
#include <span>

#include "inference/sampler.h"
#include "model/saved_model.h"
#include "simd/target.h"
#include "support/tiny_training.h"

namespace microgpt::testing::sample_test {
namespace {

class Sample : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(train_tiny({"-o", model_, "--quiet", "--block-size", "16"}).exit_code, 0); }

  ProcessResult sample(const Words& flags) const {
    Words call{"sample", model_};
    call.insert(call.end(), flags.begin(), flags.end());
    return run_microgpt(call);
  }

  TemporaryFolder folder_;
  std::string model_ = folder_.path("model");
};

TEST_F(Sample, PrintsSoManyDocumentsTheSameForTheSameSeed) {
  const ProcessResult first = sample({"-n", "20"});
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_FALSE(contains(first.err, "found")) << first.err;
  EXPECT_EQ(std::count(first.out.begin(), first.out.end(), '\n'), 20);
  EXPECT_EQ(sample({"--num-samples", "20"}).out, first.out);
  EXPECT_NE(sample({"-n", "20", "--seed", "1"}).out, first.out);
  EXPECT_EQ(sample({"-n", "0"}).out, "");
}

TEST_F(Sample, ATemperatureOf0IsGreedy) {
  const std::string one = sample({"-n", "1", "--temperature", "0"}).out;
  EXPECT_EQ(sample({"-n", "2", "--temperature", "0", "--seed", "5"}).out, one + one);
  EXPECT_NE(sample({"-n", "20", "--temperature", "1"}).out, sample({"-n", "20", "--temperature", "0.3"}).out);
}

TEST_F(Sample, DocumentsBeginWithThePrompt) {
  const ProcessResult result = sample({"-n", "10", "--prompt", "ab1"});
  EXPECT_EQ(lines_with(result.out, "ab1"), 10U) << result.out;
  const ProcessResult longest = sample({"-n", "1", "--prompt", std::string(15, 'a')});
  EXPECT_EQ(longest.exit_code, 0) << longest.err;
  EXPECT_TRUE(longest.out.starts_with(std::string(15, 'a'))) << longest.out;
  EXPECT_LE(longest.out.size(), 17U);
}

TEST_F(Sample, EveryTargetPrintsTheSame) {
  const std::string usual = sample({"-n", "20"}).out;
  for (const Target target : available_targets())
    EXPECT_EQ(run_microgpt({"sample", model_, "-n", "20"}, "", {"MICROGPT_TARGET=" + std::string(name_of(target))}).out, usual);
}

TEST_F(Sample, ReadsAModelOfTheGraphEngine) {
  const std::string model = folder_.path("graph");
  ASSERT_EQ(train_tiny({"--engine", "graph", "-o", model}).exit_code, 0);
  const ProcessResult result = run_microgpt({"sample", model, "-n", "3"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 3);
}

TEST_F(Sample, DocumentsMayBeLongerThanTheContext) {
  const ProcessResult result = sample({"-n", "5", "--prompt", std::string(30, 'a'), "--max-length", "40"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(lines_with(result.out, std::string(30, 'a')), 5U) << result.out;
  const ProcessResult shortest = sample({"-n", "5", "--max-length", "1", "--temperature", "2"});
  EXPECT_LE(shortest.out.size(), 10U) << shortest.out;
  EXPECT_EQ(sample({"--prompt", "ab", "--max-length", "2"}).err,
            "microgpt: --prompt: 2 characters leave no space in a --max-length of 2\n");
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
    lines.push_back(text.substr(at, text.find('\n', at) - at));
  return lines;
}

std::string text_in(const std::string& record) { return record.substr(0, record.find('\t')); }

double bits_in(const std::string& record) { return std::stod(record.substr(record.find('\t') + 1)); }

TEST_F(Sample, TheFilterAndTheLengthsShapeDocuments) {
  const std::string greedy = sample({"-n", "1", "--temperature", "0"}).out;
  EXPECT_EQ(sample({"-n", "3", "--temperature", "2", "--top-k", "1"}).out, greedy + greedy + greedy);
  EXPECT_EQ(sample({"-n", "3", "--temperature", "2", "--top-p", "1e-9"}).out, greedy + greedy + greedy);
  EXPECT_EQ(sample({"-n", "3", "--temperature", "2", "--min-p", "1"}).out, greedy + greedy + greedy);
  EXPECT_NE(sample({"-n", "20", "--top-k", "2"}).out, sample({"-n", "20"}).out);
  EXPECT_NE(sample({"-n", "20", "--top-p", "0.5"}).out, sample({"-n", "20"}).out);
  EXPECT_EQ(sample({"-n", "20", "--top-k", "99999", "--top-p", "1"}).out, sample({"-n", "20"}).out);
  for (const std::string& line : lines_of(sample({"-n", "50", "--min-length", "5", "--max-length", "6"}).out)) {
    EXPECT_GE(line.size(), 5U);
    EXPECT_LE(line.size(), 6U);
  }
}

TEST_F(Sample, DocumentsMeetTheConstraints) {
  const std::string known = folder_.write("known", tiny_corpus());
  const ProcessResult result = sample({"-n", "20", "--temperature", "1", "--contains", "b1", "--match", "a.*[0-9]", "--unique",
                                       "--not-in", known, "--budget", "100000"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const std::vector<std::string> lines = lines_of(result.out);
  EXPECT_EQ(lines.size(), 20U);
  EXPECT_EQ(std::set<std::string>(lines.begin(), lines.end()).size(), 20U);
  for (const std::string& line : lines) {
    EXPECT_TRUE(contains(line, "b1")) << line;
    EXPECT_TRUE(line.starts_with("a")) << line;
    EXPECT_TRUE(line.back() >= '0' && line.back() <= '9') << line;
    EXPECT_FALSE(contains("\n" + tiny_corpus(), "\n" + line + "\n")) << line;
  }
}

TEST_F(Sample, WhatMustMatchIsDrawnSo) {
  const ProcessResult all = sample({"-n", "10", "--match", "b{9}9{3}", "--budget", "10"});
  EXPECT_EQ(all.exit_code, 0) << all.err;
  for (const std::string& line : lines_of(all.out)) EXPECT_EQ(line, "bbbbbbbbb999");
  const ProcessResult none = sample({"--match", "Q+"});
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_TRUE(contains(none.err, "of the model's characters meets the constraints")) << none.err;
  const ProcessResult exact = sample({"-n", "5", "--match", "a.*", "--exact-conditional", "--budget", "500"});
  EXPECT_EQ(lines_of(exact.out).size(), 5U);
  EXPECT_TRUE(contains(exact.err, "chosen by weight from 500 candidates")) << exact.err;
  EXPECT_EQ(sample({"--exact-conditional"}).exit_code, 2);
  EXPECT_EQ(sample({"--exact-conditional", "--contains", "a", "--temperature", "0"}).exit_code, 2);
}

TEST_F(Sample, SaysHowManyItFoundWhereTheBudgetEnds) {
  const ProcessResult few = sample({"-n", "5", "--temperature", "0", "--unique", "--budget", "500"});
  EXPECT_EQ(few.exit_code, 1);
  EXPECT_EQ(few.out, sample({"-n", "1", "--temperature", "0"}).out);
  EXPECT_TRUE(few.err.ends_with(
      "microgpt: found 1 of 5 in 500 attempts, which are all the same at a temperature of 0; choose a higher one\n"))
      << few.err;
  const ProcessResult none = sample({"--match", "\\bb{9}9{3}", "--format", "tsv"});
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_EQ(none.out, "text\n");
  EXPECT_TRUE(none.err.ends_with(
      "microgpt: found 0 of 10 in 10000 attempts; a greater --budget tries longer, a higher --temperature makes more "
      "different documents\n"))
      << none.err;
}

// The records of `score` without the numbers of lines.
std::string without_line(const std::string& records) {
  std::string all;
  for (const std::string& record : lines_of(records)) {
    const std::size_t end = record.find_last_of(record.ends_with('}') ? "," : "\t");
    all += record.substr(0, end) + (record.ends_with('}') ? "}\n" : "\n");
  }
  return all;
}

TEST_F(Sample, ScoresAreThoseOfScore) {
  for (const std::string format : {"tsv", "jsonl"}) {
    const Words flags{"-n", "50", "--temperature", "2", "--max-length", "40", "--format", format};
    Words scored = flags;
    scored.emplace_back("--with-score");
    const std::string texts = sample({"-n", "50", "--temperature", "2", "--max-length", "40"}).out;
    EXPECT_EQ(sample(scored).out, without_line(run_microgpt({"score", model_, "--format", format}, texts).out));
  }
  const Words usual{"-n", "3", "--with-score"};
  EXPECT_EQ(sample(usual).out, sample({"-n", "3", "--with-score", "--format", "tsv"}).out);
}

// White space at the ends, which `score` does not see.
TEST_F(Sample, ScoresOfDocumentsThatEndInSpacesAreThoseOfScore) {
  const std::string model = folder_.path("spaces");
  std::string corpus;
  for (int i = 0; i < 100; ++i) corpus += i % 2 == 0 ? "a b\n" : "b  a\n";
  ASSERT_EQ(
      run_microgpt({"train", "-", "-o", model, "--n-embd=8", "--n-head=2", "--num-steps=20", "--held-out=0"}, corpus).exit_code,
      0);
  const std::string texts = run_microgpt({"sample", model, "-n", "200", "--temperature", "2", "--max-length", "3"}).out;
  EXPECT_FALSE(contains(texts, " \n"));
  EXPECT_EQ(run_microgpt({"sample", model, "-n", "200", "--temperature", "2", "--max-length", "3", "--with-score"}).out,
            without_line(run_microgpt({"score", model}, texts).out));
}

TEST_F(Sample, RecordsMayHaveTheTextAlone) {
  const std::vector<std::string> lines = lines_of(sample({"-n", "2"}).out);
  EXPECT_EQ(sample({"-n", "2", "--format", "tsv"}).out, "text\n" + lines[0] + "\n" + lines[1] + "\n");
  EXPECT_EQ(sample({"-n", "2", "--format", "jsonl"}).out, "{\"text\":\"" + lines[0] + "\"}\n{\"text\":\"" + lines[1] + "\"}\n");
}

TEST_F(Sample, SortsByAllBits) {
  std::vector<std::string> found = lines_of(sample({"-n", "100", "--with-score"}).out);
  const std::string header = found.front();
  found.erase(found.begin());
  for (const std::string order : {"likeliest", "oddest"}) {
    std::vector<std::string> expected = found;
    std::stable_sort(expected.begin(), expected.end(), [&](const std::string& a, const std::string& b) {
      return order == "likeliest" ? bits_in(a) < bits_in(b) : bits_in(a) > bits_in(b);
    });
    std::string texts;
    for (const std::string& record : expected) texts += text_in(record) + "\n";
    EXPECT_EQ(sample({"-n", "100", "--sort", order}).out, texts);
    expected.insert(expected.begin(), header);
    EXPECT_EQ(lines_of(sample({"-n", "100", "--with-score", "--sort", order}).out), expected);
  }
}

TEST_F(Sample, AnyNumberOfThreadsPrintsTheSame) {
  const Words flags{"-n", "3000", "--temperature", "1", "--unique", "--contains", "b", "--with-score", "--budget", "300000"};
  const ProcessResult expected = sample(flags);
  EXPECT_EQ(std::count(expected.out.begin(), expected.out.end(), '\n'), 3001) << expected.err;
  for (const std::string threads : {"1", "2", "3", "32"}) {
    Words more = flags;
    more.insert(more.end(), {"--threads", threads});
    EXPECT_EQ(sample(more).out, expected.out) << threads;
  }
}

TEST_F(Sample, EveryEnginePrintsTheSameDocuments) {
  for (const std::string engine : {"exact", "graph"})
    EXPECT_EQ(sample({"-n", "20", "--engine", engine}).out, sample({"-n", "20"}).out) << engine;
}

TEST_F(Sample, AModelOfBytesHasConstraintsOfBytes) {
  const std::string model = folder_.path("bytes");
  std::string corpus;
  for (int i = 0; i < 100; ++i) corpus += i % 2 == 0 ? "a\xFF\xFE\n" : "b\xFE\n";
  ASSERT_EQ(
      run_microgpt(
          {"train", "-", "-o", model, "--encoding=bytes", "--n-embd=8", "--n-head=2", "--num-steps=20", "--held-out=0"}, corpus)
          .exit_code,
      0);
  const Words call{"sample",     model,  "-n",      "5",        "--temperature", "2",
                   "--contains", "\xFE", "--match", "..?\\xfe", "--not-in",      "-"};
  const ProcessResult result = run_microgpt(call, "b\xFE\n");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  for (const std::string& line : lines_of(result.out)) {
    EXPECT_TRUE(line.size() == 2 || line.size() == 3) << line;
    EXPECT_TRUE(line.ends_with('\xFE')) << line;
    EXPECT_NE(line, "b\xFE");
  }
}

TEST_F(Sample, FlagsThatDoNotFitTheModel) {
  const auto expect_complaint = [&](const Words& flags, int exit_code, const std::string& message) {
    const ProcessResult result = sample(flags);
    EXPECT_EQ(result.exit_code, exit_code);
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(result.err, "microgpt: " + message + "\n");
  };
  expect_complaint({"--match", "a("}, 2, "--match: this is not a regular expression that RE2 accepts: missing ): a(");
  expect_complaint({"--contains", "aXb"}, 1,
                   "--contains: the character 'X' (U+0058) does not occur in the corpus of the model; take others");
  expect_complaint({"--contains", "\xFF"}, 2, "--contains: this is not UTF-8");
  expect_complaint({"--min-length", "17"}, 2,
                   "--min-length 17: documents have at most 16 characters; --max-length N makes longer ones");
  const std::string none = folder_.path("none");
  expect_complaint({"--not-in", none}, 1, "cannot read " + none + ": No such file or directory");
}

class SampleOfText : public ::testing::Test {
 protected:
  SampleOfText() {
    for (int i = 0; i < 400; ++i) text_ += i % 7 == 0 ? "baa\n" : "ab ";
  }

  Words train(const Words& more) const {
    Words call = tiny_train({"--split", "text", "--temperature", "1"});
    *std::find(call.begin(), call.end(), "30") = "300";  // so that it seldom ends a text
    call.insert(call.end(), more.begin(), more.end());
    return call;
  }

  TemporaryFolder folder_;
  std::string model_ = folder_.path("model");
  std::string text_;
};

// How a result falls into samples.
std::vector<std::string> samples_in(std::string_view printed) {
  std::vector<std::string> samples;
  constexpr std::string_view kBetween = "\n---\n";
  for (std::size_t at = 0; at < std::string_view::npos;) {
    const std::size_t end = printed.find(kBetween, at);
    samples.emplace_back(printed.substr(at, end == std::string_view::npos ? end : end - at));
    at = end == std::string_view::npos ? end : end + kBetween.size();
  }
  EXPECT_TRUE(samples.back().ends_with("\n"));
  samples.back().pop_back();
  return samples;
}

TEST_F(SampleOfText, SlidesPastTheContextAndStandsApart) {
  const ProcessResult trained = run_microgpt(train({"-o", model_}), text_);
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const ProcessResult result = run_microgpt({"sample", model_, "-n", "3", "--temperature", "1"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(trained.out.ends_with("samples (temperature 1)\n" + result.out)) << trained.out;
  const std::vector<std::string> samples = samples_in(result.out);
  ASSERT_EQ(samples.size(), 3U) << result.out;
  EXPECT_NE(samples[0], samples[1]);
  for (const std::string& sample : samples) EXPECT_LE(sample.size(), 500U);
  EXPECT_TRUE(std::any_of(samples.begin(), samples.end(), [](const auto& sample) { return sample.size() == 500; }));
  EXPECT_EQ(run_microgpt({"sample", model_, "-n", "3", "--temperature", "1"}).out, result.out);
  EXPECT_EQ(run_microgpt({"sample", model_, "-n", "0"}).out, "");
}

TEST_F(SampleOfText, HeedsTheLengthAndThePrompt) {
  const ProcessResult trained = run_microgpt(train({"-o", model_, "--max-length", "77"}), text_);
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const std::string prompt = "ab ab baa\nab ab ab";  // longer than the context
  const ProcessResult result = run_microgpt({"sample", model_, "-n", "20", "--max-length=77", "--prompt", prompt});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const std::vector<std::string> samples = samples_in(result.out);
  ASSERT_EQ(samples.size(), 20U);
  for (const std::string& sample : samples) {
    EXPECT_TRUE(sample.starts_with(prompt)) << sample;
    EXPECT_LE(sample.size(), 77U);
  }
  const std::string shown = trained.out.substr(trained.out.find("samples"));
  EXPECT_TRUE(shown.ends_with(run_microgpt({"sample", model_, "-n", "3", "--max-length=77", "--temperature=1"}).out)) << shown;
  EXPECT_EQ(run_microgpt({"sample", model_, "--prompt", std::string(500, 'a')}).err,
            "microgpt: --prompt: 500 characters leave no space in a --max-length of 500\n");
}

TEST_F(SampleOfText, ReadsThePromptAsIfFromTheMidstOfTheText) {
  ASSERT_EQ(run_microgpt(train({"-o", model_}), text_).exit_code, 0);
  const SavedModel saved = load_model(model_);
  const auto engine = make_fast_engine(saved.config);
  engine->load(saved.parameters);
  SamplerOptions options{.temperature = 1.0, .prompt_after_bos = false, .max_length = 30};
  const std::vector<Token> prompt = saved.tokenizer.encode("b");
  options.prompt.assign(prompt.begin() + 1, prompt.end() - 1);
  const auto printed_with = [&](bool after_bos) {
    options.prompt_after_bos = after_bos;
    std::string printed;
    sample_documents(*engine, saved.tokenizer.bos(), 20, options, [&](std::span<const Token> tokens, double) {
      printed += (printed.empty() ? "" : "---\n") + saved.tokenizer.decode(tokens) + "\n";
    });
    return printed;
  };
  ASSERT_NE(printed_with(true), printed_with(false));
  EXPECT_EQ(
      run_microgpt({"sample", model_, "-n", "20", "--prompt", "b", "--max-length=30", "--temperature", "1", "--predictor=gpt"})
          .out,
      printed_with(false));
}

TEST_F(SampleOfText, TakesConstraintsOfWholeTexts) {
  ASSERT_EQ(run_microgpt(train({"-o", model_}), text_).exit_code, 0);
  const Words call{"sample", model_, "-n", "5", "--temperature", "1", "--max-length", "20", "--unique"};
  const auto with = [&](const Words& more) {
    Words all = call;
    all.insert(all.end(), more.begin(), more.end());
    return run_microgpt(all, text_);
  };
  const ProcessResult result = with({"--match", "(?s).*\\n.*", "--not-in", "-"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  for (const std::string& sample : samples_in(result.out)) {
    EXPECT_TRUE(contains(sample, "\n")) << sample;
    EXPECT_FALSE(contains(text_, sample)) << sample;
  }
  const ProcessResult records = with({"--with-score", "--format", "jsonl"});
  EXPECT_EQ(std::count(records.out.begin(), records.out.end(), '\n'), 5) << records.out;
  EXPECT_FALSE(contains(records.out, "---"));
}

// A folder that says nothing of a run holds a model of lines.
TEST_F(SampleOfText, IsKnownByTheRunOfTheModel) {
  ASSERT_EQ(run_microgpt(train({"-o", model_}), text_).exit_code, 0);
  std::filesystem::remove(model_ + "/train_state.json");
  EXPECT_FALSE(contains(run_microgpt({"sample", model_, "-n", "3"}).out, "---"));
}

// A run that goes on samples with its own seed.
TEST_F(Sample, AResumedRunEndsWithTheSamplesOfItsModel) {
  const std::string model = folder_.path("stopped");
  ASSERT_EQ(
      signal_microgpt({"train", "-o", model, "--num-steps=2000", "--n-embd=8", "--n-head=2", "--seed=7"}, SIGTERM).exit_code,
      143);
  const ProcessResult resumed = run_microgpt({"train", "--resume", model});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_TRUE(resumed.out.ends_with(")\n" + run_microgpt({"sample", model, "--seed", "7"}).out)) << resumed.out;
}

TEST_F(Sample, PromptsThatDoNotWork) {
  const auto expect_complaint = [&](const std::string& prompt, int exit_code, const std::string& message) {
    const ProcessResult result = sample({"--prompt=" + prompt});
    EXPECT_EQ(result.exit_code, exit_code);
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(result.err, "microgpt: " + message + "\n");
  };
  expect_complaint(std::string(16, 'a'), 2,
                   "--prompt: 16 characters leave no space in the context of 16; --max-length N makes longer documents");
  expect_complaint("aXb", 1, "--prompt: the character 'X' (U+0058) does not occur in the corpus of the model; take others");
  expect_complaint("a\xFF", 2, "--prompt: this is not UTF-8");
}

}  // namespace
}  // namespace microgpt::testing::sample_test
