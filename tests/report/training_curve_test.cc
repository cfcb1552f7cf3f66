#include "report/training_curve.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "report/text_table.h"

namespace microgpt {
namespace {

TEST(TrainingCurve, RunningMeanIsCentredAndEndsWithTheEnds) {
  const std::vector<double> losses{1, 2, 6, 4, 5};
  const std::vector<Point> means = running_mean(losses, 1);
  ASSERT_EQ(means.size(), 5U);
  EXPECT_EQ(means[0].x, 1.0);
  EXPECT_EQ(means[0].y, 1.0);
  EXPECT_EQ(means[1].y, 3.0);
  EXPECT_EQ(means[2].y, 4.0);
  EXPECT_EQ(means[4].y, 5.0);
}

TEST(TrainingCurve, ShowsRandomGuessingEvenFarBelowIt) {
  const std::vector<double> losses(100, 0.5);
  EXPECT_NE(training_curve(losses, 27, 80).str().find("random: ln 27"), std::string::npos);
}

TEST(TrainingCurve, TakesASingleStep) { EXPECT_FALSE(training_curve(std::vector<double>{3.0}, 27, 80).str().empty()); }

TEST(TrainingCurve, FitsIntoTheTerminal) {
  for (const std::size_t columns : {80U, 100U, 120U}) {
    const std::string plot = training_curve(std::vector<double>(1000, 2.5), 27, columns).str();
    std::size_t widest = 0;
    for (std::size_t at = 0; at < plot.size(); at = plot.find('\n', at) + 1)
      widest = std::max(widest, display_width(plot.substr(at, plot.find('\n', at) - at)));
    EXPECT_LT(widest, columns);
  }
}

}  // namespace
}  // namespace microgpt
