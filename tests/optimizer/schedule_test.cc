// SPDX-License-Identifier: MIT
#include "optimizer/schedule.h"

#include <gtest/gtest.h>

namespace microgpt::schedule_test {
namespace {

TEST(Schedule, LinearFallsToOneStepAboveZero) {
  EXPECT_EQ(scheduled_rate(Schedule::linear, 0.01, 0, 1000), 0.01);
  EXPECT_EQ(scheduled_rate(Schedule::linear, 0.01, 500, 1000), 0.005);
  EXPECT_NEAR(scheduled_rate(Schedule::linear, 0.01, 999, 1000), 0.00001, 1e-17);
}

TEST(Schedule, CosineFallsSlowlyFastAndSlowly) {
  EXPECT_EQ(scheduled_rate(Schedule::cosine, 0.01, 0, 500), 0.01);
  EXPECT_NEAR(scheduled_rate(Schedule::cosine, 0.01, 250, 500), 0.005, 1e-17);
  EXPECT_GT(scheduled_rate(Schedule::cosine, 0.01, 50, 500), scheduled_rate(Schedule::linear, 0.01, 50, 500));
  EXPECT_LT(scheduled_rate(Schedule::cosine, 0.01, 450, 500), scheduled_rate(Schedule::linear, 0.01, 450, 500));
}

TEST(Schedule, ConstantStays) {
  for (const std::size_t step : {0U, 499U, 999U}) EXPECT_EQ(scheduled_rate(Schedule::constant, 0.01, step, 1000), 0.01);
}

TEST(Schedule, WithoutWarmUpNothingChanges) {
  for (const Named<Schedule>& schedule : kScheduleNames)
    for (std::size_t step = 0; step < 100; ++step)
      EXPECT_EQ(warmed_up_rate(schedule.value, 0.01, 0, step, 100), scheduled_rate(schedule.value, 0.01, step, 100));
}

TEST(Schedule, WarmUpRisesEvenlyToTheFullRateAndTheScheduleFollows) {
  for (const Named<Schedule>& schedule : kScheduleNames) {
    EXPECT_NEAR(warmed_up_rate(schedule.value, 0.01, 9, 0, 100), 0.001, 1e-17);
    EXPECT_NEAR(warmed_up_rate(schedule.value, 0.01, 9, 8, 100), 0.009, 1e-17);
    EXPECT_EQ(warmed_up_rate(schedule.value, 0.01, 9, 9, 100), 0.01);
    for (std::size_t step = 9; step < 100; ++step)
      EXPECT_EQ(warmed_up_rate(schedule.value, 0.01, 9, step, 100), scheduled_rate(schedule.value, 0.01, step - 9, 91));
  }
}

TEST(Schedule, WarmUpMayTakeAllSteps) {
  EXPECT_NEAR(warmed_up_rate(Schedule::linear, 0.01, 19, 9, 10), 0.005, 1e-17);
  EXPECT_NEAR(warmed_up_rate(Schedule::linear, 0.01, 10, 9, 10), 0.01 * 10 / 11, 1e-17);
}

}  // namespace
}  // namespace microgpt::schedule_test
