#include "report/training_curve.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "report/text_table.h"

namespace microgpt {
namespace {

TEST(TrainingCurve, DotsAreLossesOfStepsEvenlySpread) {
  std::vector<double> losses;
  for (int step = 0; step < 10'000; ++step) losses.push_back(1.0 + step * 1e-4);
  const LinePlot plot = training_curve(losses, {{0.0, 3.0}, {10'000.0, 2.0}}, 27, 80);
  ASSERT_EQ(plot.dots.size(), 300U);
  for (const Point& dot : plot.dots) EXPECT_EQ(dot.y, losses[static_cast<std::size_t>(dot.x)]);
  EXPECT_EQ(plot.dots.front().x, 0.0);
  EXPECT_GT(plot.dots.back().x, 9'900.0);
  EXPECT_EQ(training_curve(std::vector<double>{3.0, 2.0}, {}, 27, 80).dots.size(), 2U) << "or all of them";
}

TEST(TrainingCurve, TheRangeHoldsDotsAndLine) {
  const LinePlot plot = training_curve(std::vector<double>{4.1, 2.0}, {{0.0, 5.1}, {2.0, 1.1}}, 27, 80);
  EXPECT_EQ(plot.y_max, 5.25);
  EXPECT_EQ(plot.y_min, 1.0);
}

TEST(TrainingCurve, ShowsRandomGuessingEvenFarBelowIt) {
  const std::vector<double> losses(100, 0.5);
  EXPECT_NE(training_curve(losses, {}, 27, 80).str().find("random: ln 27"), std::string::npos);
}

TEST(TrainingCurve, TakesASingleStep) { EXPECT_FALSE(training_curve(std::vector<double>{3.0}, {}, 27, 80).str().empty()); }

TEST(TrainingCurve, FitsIntoTheTerminal) {
  for (const std::size_t columns : {80U, 100U, 120U}) {
    const std::string plot = training_curve(std::vector<double>(1000, 2.5), {{0.0, 3.0}}, 27, columns).str();
    std::size_t widest = 0;
    for (std::size_t at = 0; at < plot.size(); at = plot.find('\n', at) + 1)
      widest = std::max(widest, display_width(plot.substr(at, plot.find('\n', at) - at)));
    EXPECT_LT(widest, columns);
  }
}

}  // namespace
}  // namespace microgpt
