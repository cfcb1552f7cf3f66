// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "report/sweep/sweep_report.h"

namespace microgpt::pareto_front_test {
namespace {

bool beats(const Point& a, const Point& b) { return a.x <= b.x && a.y <= b.y && (a.x < b.x || a.y < b.y); }

TEST(ParetoFront, IsEmptyWithoutPoints) { EXPECT_TRUE(pareto_front({}).empty()); }

TEST(ParetoFront, HasWhatNoOtherPointBeats) {
  const std::vector<Point> points{{3, 1}, {1, 3}, {2, 2}, {2, 3}, {3, 3}, {1, 4}};
  EXPECT_EQ(pareto_front(points), (std::vector<std::size_t>{1, 2, 0}));
}

TEST(ParetoFront, HasEqualPointsAll) {
  EXPECT_EQ(pareto_front(std::vector<Point>{{1, 1}, {2, 2}, {1, 1}}), (std::vector<std::size_t>{0, 2}));
}

// By its definition, on few different values, so that many are equal in x or y.
TEST(ParetoFront, IsThatOfTheDefinition) {
  std::mt19937 random(1);
  for (int round = 0; round < 1000; ++round) {
    std::vector<Point> points(random() % 9);
    for (Point& point : points) point = {static_cast<double>(random() % 4), static_cast<double>(random() % 4)};
    const std::vector<std::size_t> front = pareto_front(points);
    for (std::size_t i = 0; i < points.size(); ++i) {
      const bool is_beaten =
          std::any_of(points.begin(), points.end(), [&](const Point& other) { return beats(other, points[i]); });
      ASSERT_EQ(std::count(front.begin(), front.end(), i), is_beaten ? 0 : 1);
    }
    ASSERT_TRUE(
        std::is_sorted(front.begin(), front.end(), [&](std::size_t a, std::size_t b) { return points[a].x < points[b].x; }));
  }
}

}  // namespace
}  // namespace microgpt::pareto_front_test
