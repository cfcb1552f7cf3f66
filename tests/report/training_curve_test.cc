#include "report/training_curve.h"

#include <gtest/gtest.h>

namespace microgpt {
namespace {

TEST(TrainingCurve, RunningMeanIsCentred) {
  const std::vector<double> losses{1, 2, 3, 4};
  const std::vector<Point> means = running_mean(losses, 2);
  ASSERT_EQ(means.size(), 3U);
  EXPECT_EQ(means[0].x, 1.5);
  EXPECT_EQ(means[0].y, 1.5);
  EXPECT_EQ(means[2].y, 3.5);
}

TEST(TrainingCurve, ShowsRandomGuessingEvenFarBelowIt) {
  const std::vector<double> losses(100, 0.5);
  EXPECT_NE(training_curve(losses, 27).str().find("random guessing: ln 27"), std::string::npos);
}

TEST(TrainingCurve, TakesASingleStep) { EXPECT_FALSE(training_curve(std::vector<double>{3.0}, 27).str().empty()); }

}  // namespace
}  // namespace microgpt
