// SPDX-License-Identifier: MIT
#include "report/plots/thinned_points.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace microgpt::thinned_points_test {
namespace {

TEST(ThinnedPoints, HasAllOfFew) {
  ThinnedPoints points(100);
  for (int i = 0; i < 99; ++i) points.add({static_cast<double>(i), 2.0 * i});
  ASSERT_EQ(points.points().size(), 99U);
  EXPECT_EQ(points.points()[7].y, 14.0);
}

TEST(ThinnedPoints, HasNeverTooManyAndSpreadsThemEvenly) {
  for (const std::size_t most : {std::size_t{2}, std::size_t{7}, std::size_t{100}}) {
    ThinnedPoints points(most);
    for (std::size_t i = 0; i < 12'345; ++i) {
      points.add({static_cast<double>(i), 0.0});
      ASSERT_LT(points.points().size(), most);
      ASSERT_GE(points.points().size(), std::min(i + 1, most / 2)) << i;
      ASSERT_EQ(points.points().front().x, 0.0);
      const double apart = points.points().size() > 1 ? points.points()[1].x : 0.0;
      for (std::size_t p = 1; p < points.points().size(); ++p)
        ASSERT_EQ(points.points()[p].x - points.points()[p - 1].x, apart);
    }
  }
}

}  // namespace
}  // namespace microgpt::thinned_points_test
