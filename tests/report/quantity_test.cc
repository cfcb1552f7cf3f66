// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "report/numbers.h"

namespace microgpt::quantity_test {
namespace {

TEST(Quantity, OnlyOneIsSingular) {
  EXPECT_EQ(plural(0, "line"), "0 lines");
  EXPECT_EQ(plural(1, "line"), "1 line");
  EXPECT_EQ(plural(2, "line"), "2 lines");
}

TEST(Quantity, ShortCounts) {
  EXPECT_EQ(short_count(0.4), "0");
  EXPECT_EQ(short_count(75.0), "75");
  EXPECT_EQ(short_count(9999.0), "9999");
  EXPECT_EQ(short_count(10000.0), "10k");
  EXPECT_EQ(short_count(999499.0), "999k");
  EXPECT_EQ(short_count(999500.0), "1.00M");
  EXPECT_EQ(short_count(1.85e6), "1.85M");
}

TEST(Quantity, TimeLeftIsInWholeSeconds) {
  EXPECT_EQ(time_left(0.0), "0:00 left");
  EXPECT_EQ(time_left(6.5), "0:07 left");
  EXPECT_EQ(time_left(3599.4), "59:59 left");
  EXPECT_EQ(time_left(3599.5), "1:00:00 left");
  EXPECT_EQ(time_left(36610.0), "10:10:10 left");
}

}  // namespace
}  // namespace microgpt::quantity_test
