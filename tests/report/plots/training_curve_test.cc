// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "report/plots/loss_plots.h"
#include "report/text_table.h"

namespace microgpt::training_curve_test {
namespace {

LossPicture picture(const std::vector<double>& losses, std::vector<Point> held_out = {}) {
  LossPicture picture{.title = "",
                      .mean = LossMean::document,
                      .training = {},
                      .validation = std::move(held_out),
                      .vocab_size = 27,
                      .ngram = {}};
  for (std::size_t step = 0; step < losses.size(); ++step) picture.steps.push_back({static_cast<double>(step), losses[step]});
  return picture;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
    lines.push_back(text.substr(at, text.find('\n', at) - at));
  return lines;
}

TEST(TrainingCurve, DotsAreLossesOfStepsEvenlySpread) {
  std::vector<double> losses;
  for (int step = 0; step < 10'000; ++step) losses.push_back(1.0 + step * 1e-4);
  const LinePlot plot = training_curve(picture(losses, {{0.0, 3.0}, {10'000.0, 2.0}}), 80);
  ASSERT_EQ(plot.dots.size(), 300U);
  for (const Point& dot : plot.dots) EXPECT_EQ(dot.y, losses[static_cast<std::size_t>(dot.x)]);
  EXPECT_EQ(plot.dots.front().x, 0.0);
  EXPECT_GT(plot.dots.back().x, 9'900.0);
  EXPECT_EQ(training_curve(picture({3.0, 2.0}), 80).dots.size(), 2U) << "or all of them";
}

TEST(TrainingCurve, TheRangeHoldsDotsLineAndLevels) {
  LossPicture some = picture({4.1, 2.6}, {{0.0, 4.6}, {2.0, 2.7}});
  EXPECT_EQ(training_curve(some, 80).y_max, 4.75);
  EXPECT_EQ(training_curve(some, 80).y_min, 2.5);
  EXPECT_EQ(training_curve(some, 80).x_max, 2.0);
  some.ngram = Level{1.1, "5-gram"};
  EXPECT_EQ(training_curve(some, 80).y_min, 1.0);
}

TEST(TrainingCurve, TicksAreRoundNumbersAndFew) {
  const LinePlot plot = training_curve(picture(std::vector<double>(1234, 9.0)), 80);
  EXPECT_EQ(plot.x_ticks, (std::vector<double>{0.0, 500.0, 1000.0}));
  EXPECT_LE(plot.y_ticks.size(), 11U);
  EXPECT_EQ(training_curve(picture(std::vector<double>(3, 3.0)), 80).x_ticks, (std::vector<double>{0.0, 1.0, 2.0}));
}

TEST(TrainingCurve, ShowsRandomGuessingEvenFarBelowIt) {
  EXPECT_TRUE(contains(training_curve(picture(std::vector<double>(100, 0.5)), 80).str(), "random: ln 27"));
}

TEST(TrainingCurve, NamesEachLevelAtItsOwnPlace) {
  LossPicture some = picture(std::vector<double>(100, 2.5), {{0.0, 3.3}, {100.0, 2.2}});
  for (const double ngram : {2.0, 3.25, 3.2958, 3.3}) {
    some.ngram = Level{ngram, "5-gram"};
    const std::vector<std::string> lines = lines_of(training_curve(some, 80).str());
    const auto lines_with = [&](const std::string& part) {
      return std::count_if(lines.begin(), lines.end(), [&](const std::string& line) { return contains(line, part); });
    };
    EXPECT_EQ(lines_with("random: ln 27"), 1) << ngram;
    EXPECT_EQ(lines_with("5-gram " + std::to_string(ngram).substr(0, 4)), 1) << ngram;
  }
}

TEST(TrainingCurve, SpeaksOfALineWhereThereIsOne) {
  EXPECT_TRUE(contains(training_curve(picture({3.0, 2.0}, {{0.0, 3.0}}), 80).title, "line: documents held out"));
  EXPECT_FALSE(contains(training_curve(picture({3.0, 2.0}), 80).title, "line"));
}

TEST(TrainingCurve, SaysWhereSomeAreHigher) {
  LossPicture some = picture(std::vector<double>(100, 2.5), {{0.0, 3.3}, {100.0, 2.2}});
  EXPECT_FALSE(contains(training_curve(some, 80).title, "higher"));
  some.steps.back().y = 1e9;
  EXPECT_LT(training_curve(some, 80).y_max, 5.0);
  EXPECT_TRUE(contains(training_curve(some, 80).title, "; some are higher"));
}

TEST(TrainingCurve, TakesASingleStep) { EXPECT_FALSE(training_curve(picture({3.0}), 80).str().empty()); }

TEST(TrainingCurve, FitsIntoTheTerminal) {
  LossPicture some = picture(std::vector<double>(1000, 2.5), {{0.0, 3.0}});
  some.ngram = Level{2.0, "5-gram"};
  for (const std::size_t columns : {50U, 60U, 80U, 100U, 120U}) {
    std::size_t widest = 0;
    for (const std::string& line : lines_of(training_curve(some, columns).str()))
      widest = std::max(widest, display_width(line));
    EXPECT_LT(widest, columns);
  }
}

}  // namespace
}  // namespace microgpt::training_curve_test
