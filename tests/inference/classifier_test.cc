// SPDX-License-Identifier: MIT
#include "inference/classifier.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "microgpt/error.h"
#include "scoring/unseen.h"

namespace microgpt::classifier_test {
namespace {

DocumentLoss loss_of(double nats, std::size_t unseen = 0) {
  return {.nats = nats, .positions = 5, .characters = 4, .unseen = unseen};
}

TEST(Classifier, TheRatioIsThatOfTheWholeDocument) {
  EXPECT_DOUBLE_EQ(log_likelihood_ratio({loss_of(3.0), 9}, {loss_of(10.0), 9}), 7.0) << "likelier by the positive model";
  EXPECT_DOUBLE_EQ(log_likelihood_ratio({loss_of(10.0), 9}, {loss_of(3.0), 9}), -7.0);
}

TEST(Classifier, WhatIsUnseenSaysNothing) {
  const double positive = 3.0 + 2 * unseen_loss(9);
  const double negative = 10.0 + 2 * unseen_loss(4000);
  EXPECT_NEAR(log_likelihood_ratio({loss_of(positive, 2), 9}, {loss_of(negative, 2), 4000}), 7.0, 1e-12);
}

TEST(Classifier, ImpossibleToOneOrBoth) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(log_likelihood_ratio({loss_of(infinity), 9}, {loss_of(3.0), 9}), -infinity);
  EXPECT_EQ(log_likelihood_ratio({loss_of(3.0), 9}, {loss_of(infinity), 9}), infinity);
  EXPECT_EQ(log_likelihood_ratio({loss_of(infinity), 9}, {loss_of(infinity), 9}), 0.0);
}

TEST(Classifier, ALabelIsPositiveAboveTheThreshold) {
  EXPECT_EQ(label_of(1.0, 0.5), "positive");
  EXPECT_EQ(label_of(0.5, 0.5), "negative");
}

const Calibration kCalibration{0.1, 0.01, 123, "ab", "cd", "mixture"};

TEST(Calibration, IsReadAsItWasWritten) {
  const Calibration read = calibration_from_json("file", calibration_to_json(kCalibration));
  EXPECT_EQ(read.threshold, kCalibration.threshold) << "to the last bit";
  EXPECT_EQ(read.false_positive_rate, kCalibration.false_positive_rate);
  EXPECT_EQ(read.negatives, kCalibration.negatives);
  EXPECT_EQ(read.positive_sha256, "ab");
  EXPECT_EQ(read.negative_sha256, "cd");
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
  EXPECT_TRUE(refused(with("\"version\": 1", "\"version\": 2")));
  EXPECT_TRUE(refused(with("microgpt threshold", "another")));
  EXPECT_TRUE(refused(with("negatives", "positives")));
}

}  // namespace
}  // namespace microgpt::classifier_test
