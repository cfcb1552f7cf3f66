// SPDX-License-Identifier: MIT
#include "inference/calibration.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "microgpt/error.h"

namespace microgpt::calibration_test {
namespace {

TEST(LogLikelihoodRatio, IsHowMuchLessADocumentCostsThePositiveModel) {
  EXPECT_DOUBLE_EQ(log_likelihood_ratio(3.0, 10.0), 7.0) << "likelier by the positive model";
  EXPECT_DOUBLE_EQ(log_likelihood_ratio(10.0, 3.0), -7.0);
}

TEST(LogLikelihoodRatio, ImpossibleToOneOrBoth) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(log_likelihood_ratio(infinity, 3.0), -infinity);
  EXPECT_EQ(log_likelihood_ratio(3.0, infinity), infinity);
  EXPECT_EQ(log_likelihood_ratio(infinity, infinity), 0.0);
}

TEST(Label, IsPositiveAboveTheThreshold) {
  EXPECT_EQ(label_of(1.0, 0.5), "positive");
  EXPECT_EQ(label_of(0.5, 0.5), "negative");
}

TEST(Rate, TakesOneNegativeAtLeast) {
  EXPECT_TRUE(can_resolve(0.01, 100));
  EXPECT_FALSE(can_resolve(0.01, 99));
  EXPECT_TRUE(can_resolve(0.001, 1000)) << "though a thousandth is no binary fraction";
}

// Bots end at -30, users begin at 17: 1% of 200 bots would be two, and costs what it need not.
TEST(RaisedIntoGap, TheThresholdIsRaisedAsFarAsNoPositiveIsLost) {
  const std::vector<double> negatives{-30.0, -35.0, -42.0, -50.0}, positives{17.0, 20.0};
  EXPECT_EQ(raised_into_gap(-42.0, negatives, positives), -6.5);
  EXPECT_EQ(raised_into_gap(-42.0, negatives, std::vector<double>{-45.0, -40.0, 3.0}), -41.0) << "below the next positive";
  EXPECT_EQ(raised_into_gap(-30.0, negatives, std::vector<double>{-45.0, -40.0}), -30.0) << "none above it is known";
  EXPECT_EQ(raised_into_gap(-30.0, negatives, {}), -30.0);
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(raised_into_gap(-30.0, negatives, std::vector<double>{infinity}), -30.0);
}

const Calibration kCalibration{{{ClassMethod::all, 0.1}, {ClassMethod::ngram, -7.5}}, 0.01, 123, "ab", "cd"};

TEST(Calibration, IsReadAsItWasWritten) {
  const Calibration read = calibration_from_json("file", calibration_to_json(kCalibration));
  EXPECT_EQ(read.threshold_of(ClassMethod::all), 0.1) << "to the last bit";
  EXPECT_EQ(read.threshold_of(ClassMethod::ngram), -7.5);
  EXPECT_EQ(read.threshold_of(ClassMethod::gpt), std::nullopt);
  EXPECT_EQ(read.false_positive_rate, kCalibration.false_positive_rate);
  EXPECT_EQ(read.negatives, kCalibration.negatives);
  EXPECT_EQ(read.positive_sha256, "ab");
  EXPECT_EQ(read.negative_sha256, "cd");
}

TEST(Calibration, ThatOfAnOlderVersionHasOneThreshold) {
  const std::string old = R"({"format": "microgpt threshold", "version": 1, "threshold": -1.5, "false_positive_rate": 0.01,
    "negatives": 9, "positive_sha256": "ab", "negative_sha256": "cd")";
  EXPECT_EQ(calibration_from_json("file", old + "}").threshold_of(ClassMethod::gpt), -1.5);
  EXPECT_EQ(calibration_from_json("file", old + R"(, "predictor": "mixture"})").threshold_of(ClassMethod::mixture), -1.5);
}

TEST(Calibration, WhatIsDamagedIsRefused) {
  const std::string text = calibration_to_json(kCalibration);
  const auto refused = [](const std::string& damaged) {
    try {
      calibration_from_json("the/file", damaged);
      return false;
    } catch (const Error& error) {
      return std::string(error.what()).find("the/file") != std::string::npos;
    }
  };
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = text;
    return changed.replace(changed.find(from), from.size(), to);
  };
  EXPECT_FALSE(refused(text));
  EXPECT_TRUE(refused(text.substr(0, text.size() / 2)));
  EXPECT_TRUE(refused(with("0.1", "\"x\"")));
  EXPECT_TRUE(refused(with("0.01", "1.0")));
  EXPECT_TRUE(refused(with("0.01", "-0.5")));
  EXPECT_TRUE(refused(with("\"version\": 2", "\"version\": 3")));
  EXPECT_TRUE(refused(with("microgpt threshold", "another")));
  EXPECT_TRUE(refused(with("negatives", "positives")));
  EXPECT_TRUE(refused(with("\"all\"", "\"some\"")));
}

}  // namespace
}  // namespace microgpt::calibration_test
