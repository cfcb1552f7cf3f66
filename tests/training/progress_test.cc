// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "training/checkpoint.h"

namespace microgpt::progress_test {
namespace {

TEST(Progress, KeepsTheLowestValidationAndCountsThoseThatAreNoBetter) {
  Progress progress;
  EXPECT_TRUE(progress.take_validation(3.0));
  EXPECT_EQ(progress.best_step, 0U);
  progress.step = 10;
  EXPECT_TRUE(progress.take_validation(2.0));
  progress.step = 20;
  EXPECT_FALSE(progress.take_validation(2.0)) << "an equal loss is no better";
  progress.step = 30;
  EXPECT_FALSE(progress.take_validation(2.5));
  EXPECT_EQ(progress, (Progress{30, 30, 10, 2.0, 2}));
  progress.step = 40;
  EXPECT_TRUE(progress.take_validation(1.5));
  EXPECT_EQ(progress, (Progress{40, 40, 40, 1.5, 0}));
}

}  // namespace
}  // namespace microgpt::progress_test
