#include "optimizer/schedule.h"

#include <gtest/gtest.h>

namespace microgpt {
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

}  // namespace
}  // namespace microgpt
