// SPDX-License-Identifier: MIT
// What predicts, in all commands that open a model: the mixture, or with --predictor one of its parts.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numbers>
#include <sstream>

#include "support/tiny_training.h"

namespace microgpt::testing::predictor_test {
namespace {

using nlohmann::json;

struct PredictorFields {
  const char* name;
  const char* eval_loss;  // its loss there
};
constexpr PredictorFields kPredictors[]{
    {"mixture", "mixture_loss_token_mean"}, {"gpt", "loss_token_mean"}, {"ngram", "ngram_loss_token_mean"}};

class Predictor : public ::testing::Test {
 protected:
  // Its documents are up to 5 characters and an end, and some are longer than the context.
  void SetUp() override { ASSERT_EQ(train_tiny({"-o", model_, "--quiet", "--block-size", "4"}).exit_code, 0); }

  json record_of(Words call, std::string_view input = "") const {
    const ProcessResult result = run_microgpt(call, input);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return json::parse(result.out.substr(0, result.out.find('\n')));
  }

  double bits_of(const std::string& line, const char* predictor) const {
    return record_of({"score", model_, "--format", "jsonl", "--predictor", predictor}, line + "\n")["bits"];
  }

  TemporaryFolder folder_;
  std::string model_ = folder_.path("model");
};

TEST_F(Predictor, ScoresWhatEvalSaysToTheLastBit) {
  for (const std::string line : {"ab12", "b", "1212ab9", "a?1"}) {
    const json eval = json::parse(run_microgpt({"eval", model_, "-", "--json"}, line + "\n").out);
    for (const auto& [name, field] : kPredictors) {
      const double nats = bits_of(line, name) * std::numbers::ln2;
      EXPECT_DOUBLE_EQ(nats, eval[field].get<double>() * eval["positions"].get<double>()) << name << " of " << line;
    }
  }
}

TEST_F(Predictor, ExplainsWhatItScores) {
  for (const auto& [name, field] : kPredictors) {
    const ProcessResult result = run_microgpt({"explain", model_, "1212ab", "--json", "--predictor", name});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    const json explanation = json::parse(result.out);
    EXPECT_NEAR(explanation["bits_sum"].get<double>(), bits_of("1212ab", name), 1e-5) << name;
    EXPECT_EQ(explanation["positions"][0].contains("ngram"), name != std::string("gpt")) << name;
  }
}

TEST_F(Predictor, ScoresItsSamples) {
  for (const auto& [name, field] : kPredictors) {
    const Words sample{"sample",   model_,  "-n",          "5",  "--with-score",
                       "--format", "jsonl", "--predictor", name, "--temperature=1"};
    const ProcessResult result = run_microgpt(sample);
    ASSERT_EQ(result.exit_code, 0) << result.err;
    std::istringstream lines(result.out);
    for (std::string line; std::getline(lines, line);) {
      const json record = json::parse(line);
      if (record["text"].get<std::string>().empty()) continue;
      EXPECT_EQ(record["bits"], bits_of(record["text"], name)) << name;
    }
  }
}

// As often as the mixture says, and not the GPT.
TEST_F(Predictor, DrawsFromTheMixture) {
  const json explanation = json::parse(run_microgpt({"explain", model_, "a", "--json", "--alternatives", "20"}).out);
  const std::string first = explanation["positions"][0]["target"];
  const double expected = explanation["positions"][0]["probability"];
  const std::string samples =
      run_microgpt({"sample", model_, "-n", "4000", "--temperature", "1", "--max-length", "1", "--seed", "3"}).out;
  double count = 0.0;
  std::istringstream lines(samples);
  for (std::string line; std::getline(lines, line);) count += line == first ? 1.0 : 0.0;
  EXPECT_NEAR(count / 4000.0, expected, 0.03);
  EXPECT_GT(std::abs(explanation["positions"][0]["gpt"]["probability"].get<double>() - expected), 0.03);
}

TEST_F(Predictor, OfAModelWithoutAMixtureIsTheGpt) {
  const double gpt_bits = bits_of("ab12", "gpt");
  std::filesystem::remove(model_ + "/mixture.json");
  EXPECT_EQ(record_of({"score", model_, "--format", "jsonl"}, "ab12\n")["bits"].get<double>(), gpt_bits);
  EXPECT_EQ(run_microgpt({"score", model_, "--predictor=mixture"}, "ab12\n").err,
            "microgpt: " + model_ +
                " has no mixture of the GPT and an n-gram: leave --predictor out, or make one with microgpt train --resume " +
                model_ + "\n");
  EXPECT_EQ(run_microgpt({"score", model_, "--predictor=ngram"}, "ab12\n").exit_code, 0);
  std::filesystem::remove(model_ + "/ngram.bin");
  EXPECT_EQ(run_microgpt({"score", model_, "--predictor=ngram"}, "ab12\n").err,
            "microgpt: " + model_ + " has no n-gram: leave --predictor out, or train the model again\n");
}

TEST_F(Predictor, IsTheSameWithThreads) {
  std::string lines;
  for (int i = 0; i < 3000; ++i) lines += std::to_string(i * 7919 % 1000) + "ab\n";
  for (const auto& [name, field] : kPredictors)
    EXPECT_EQ(run_microgpt({"score", model_, "--predictor", name, "--threads=1"}, lines).out,
              run_microgpt({"score", model_, "--predictor", name, "--threads=3"}, lines).out)
        << name;
}

TEST_F(Predictor, OfAThresholdIsThatOfItsCalibration) {
  const std::string other = folder_.path("other"), negatives = folder_.write("negatives", "ab1\nab2\n1\n22\n");
  ASSERT_EQ(train_tiny({"-o", other, "--quiet", "--block-size", "4", "--seed", "2"}).exit_code, 0);
  const Words classify{"classify", "--positive", model_, "--negative", other};
  Words calibrate = classify, by_gpt = classify;
  calibrate.insert(calibrate.end(), {"--calibrate", negatives});
  ASSERT_EQ(run_microgpt(calibrate).exit_code, 0);
  EXPECT_EQ(run_microgpt(classify, "ab1\n").exit_code, 0);
  by_gpt.insert(by_gpt.end(), {"--predictor", "gpt"});
  const json stored = json::parse(read_text(model_ + "/threshold.json"));
  EXPECT_EQ(stored.at("threshold"), stored.at("thresholds").at("mixture"));
  const ProcessResult own = run_microgpt(by_gpt, "ab1\n");
  EXPECT_EQ(own.exit_code, 0);
  EXPECT_NE(own.err.find("threshold " + stored.at("thresholds").at("gpt").dump()), std::string::npos) << own.err;

  // Of one that was found for another method alone, as before version 0.3.
  const std::string old = R"({"format": "microgpt threshold", "version": 1, "threshold": 0.5, "false_positive_rate": 0.01,
    "negatives": 4, "positive_sha256": )" +
                          stored.at("positive_sha256").dump() + R"(, "negative_sha256": )" +
                          stored.at("negative_sha256").dump() + "}";
  std::ofstream(model_ + "/threshold.json") << old;
  EXPECT_EQ(run_microgpt(by_gpt, "ab1\n").exit_code, 0) << "the GPTs' then";
  const ProcessResult refused = run_microgpt(classify, "ab1\n");
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.err.find("was found with --predictor gpt, and here it is mixture; calibrate again"), std::string::npos)
      << refused.err;
}

}  // namespace
}  // namespace microgpt::testing::predictor_test
