// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include "inference/class_figures.h"

namespace microgpt::roc_test {
namespace {

using Numbers = std::vector<double>;

// All from the definitions, pair by pair and line by line.
double area_by_pairs(const Numbers& positives, const Numbers& negatives) {
  double sum = 0.0;
  for (const double p : positives)
    for (const double n : negatives) sum += p > n ? 1.0 : p == n ? 0.5 : 0.0;
  return sum / static_cast<double>(positives.size() * negatives.size());
}

std::size_t count_above(const Numbers& numbers, double threshold) {
  return static_cast<std::size_t>(std::count_if(numbers.begin(), numbers.end(), [=](double x) { return x > threshold; }));
}

double share_above(const Numbers& numbers, double threshold) {
  return static_cast<double>(count_above(numbers, threshold)) / static_cast<double>(numbers.size());
}

// Of all thresholds that let through no more of the negatives the best.
double recall_by_trying(const Numbers& positives, const Numbers& negatives, double rate) {
  double best = 0.0;
  for (const double threshold : negatives)
    if (share_above(negatives, threshold) <= rate + 1e-12) best = std::max(best, share_above(positives, threshold));
  return best;
}

Numbers random_numbers(std::mt19937& random, std::size_t count, int different, int shift) {
  Numbers numbers;
  for (std::size_t i = 0; i < count; ++i)
    numbers.push_back(static_cast<int>(random() % static_cast<unsigned>(different)) + shift);
  return numbers;
}

TEST(Roc, IsWhatItsDefinitionsSay) {
  std::mt19937 random(1);
  for (int i = 0; i < 300; ++i) {
    const int different = i % 3 == 0 ? 4 : 1000;  // many ties, or few
    const Numbers positives = random_numbers(random, 1 + random() % 60, different, different / 4);
    const Numbers negatives = random_numbers(random, 1 + random() % 60, different, 0);
    const Roc roc(positives, negatives);
    EXPECT_NEAR(roc.area(), area_by_pairs(positives, negatives), 1e-12);
    for (const double rate : {0.0, 0.001, 0.01, 0.05, 0.29, 0.5, 0.9}) {
      EXPECT_DOUBLE_EQ(roc.recall_at(rate), recall_by_trying(positives, negatives, rate)) << rate;
      const double threshold = threshold_for(negatives, rate);
      EXPECT_EQ(roc.threshold_at(rate), threshold);
      EXPECT_LE(share_above(negatives, threshold), rate + 1e-12);
    }
    for (const double threshold : {0.0, 2.0, 333.0}) {
      const Confusion counts = roc.at(threshold);
      EXPECT_EQ(counts.true_positives, count_above(positives, threshold));
      EXPECT_EQ(counts.false_positives, count_above(negatives, threshold));
      EXPECT_EQ(counts.true_positives + counts.false_negatives, positives.size());
      EXPECT_EQ(counts.false_positives + counts.true_negatives, negatives.size());
    }
  }
}

// The area under straight lines through the points counts ties half.
TEST(Roc, PointsAscendAndTheAreaIsBelowThem) {
  std::mt19937 random(2);
  for (int i = 0; i < 100; ++i) {
    const Roc roc(random_numbers(random, 1 + random() % 50, 20, 3), random_numbers(random, 1 + random() % 50, 20, 0));
    const std::vector<Roc::Point> points = roc.points();
    EXPECT_EQ(points.front().false_positive_rate + points.front().recall, 0.0);
    EXPECT_EQ(points.back().false_positive_rate + points.back().recall, 2.0);
    double area = 0.0;
    for (std::size_t p = 1; p < points.size(); ++p) {
      const double width = points[p].false_positive_rate - points[p - 1].false_positive_rate;
      EXPECT_GE(width, 0.0);
      EXPECT_GE(points[p].recall, points[p - 1].recall);
      area += width * (points[p].recall + points[p - 1].recall) / 2;
    }
    EXPECT_NEAR(area, roc.area(), 1e-12);
  }
}

TEST(Roc, RatesThatAreNoBinaryFractions) {
  Numbers negatives;
  for (int i = 0; i < 100; ++i) negatives.push_back(i);
  EXPECT_EQ(threshold_for(negatives, 0.29), 70.0) << "29 are above it";
  EXPECT_EQ(threshold_for(negatives, 0.07), 92.0);
  EXPECT_EQ(threshold_for(negatives, 0.0), 99.0) << "none is above it";
  EXPECT_EQ(threshold_for(negatives, 0.0099), 99.0);
  EXPECT_EQ(threshold_for(negatives, 0.01), 98.0);
}

TEST(Roc, TheFigures) {
  const Confusion counts{.true_positives = 6, .false_negatives = 2, .false_positives = 3, .true_negatives = 9};
  EXPECT_DOUBLE_EQ(counts.accuracy(), 15.0 / 20);
  EXPECT_DOUBLE_EQ(counts.recall(), 6.0 / 8);
  EXPECT_DOUBLE_EQ(counts.precision().value(), 6.0 / 9);
  EXPECT_DOUBLE_EQ(counts.false_positive_rate(), 3.0 / 12);
  EXPECT_DOUBLE_EQ(counts.f1(), 2 * (6.0 / 8) * (6.0 / 9) / (6.0 / 8 + 6.0 / 9));
  const Confusion nothing{.true_positives = 0, .false_negatives = 2, .false_positives = 0, .true_negatives = 1};
  EXPECT_EQ(nothing.precision(), std::nullopt);
  EXPECT_EQ(nothing.f1(), 0.0);
}

TEST(Roc, NumbersMayBeInfinite) {
  const double infinity = std::numeric_limits<double>::infinity();
  const Roc roc({infinity, 1.0}, {-infinity, 1.0});
  EXPECT_DOUBLE_EQ(roc.area(), (1.0 + 1.0 + 1.0 + 0.5) / 4);
  EXPECT_EQ(roc.points().back().recall, 1.0);
}

}  // namespace
}  // namespace microgpt::roc_test
