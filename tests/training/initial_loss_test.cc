// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "engine/graph/graph_engine.h"
#include "report/run/verdict.h"
#include "support/models.h"
#include "training/loss_checks.h"

namespace microgpt::initial_loss_test {
namespace {

InitialLoss check_with_std(double std) {
  const Config config;
  graph::GraphEngine engine(config);
  engine.load(testing::random_parameters(config, 1, std));
  return check_initial_loss(engine, testing::random_batch(config, std::vector<std::size_t>(kInitialLossDocuments, 7), 1));
}

TEST(InitialLoss, AFreshModelIsNearRandomGuessing) {
  const InitialLoss loss = check_with_std(0.08);
  EXPECT_EQ(loss.documents, 64U);
  EXPECT_FALSE(loss.suspicious()) << loss.mean;
  EXPECT_NE(describe(loss).find("as it should be"), std::string::npos);
  EXPECT_NE(describe(loss).find("ln 27 = 3.296"), std::string::npos);
}

TEST(InitialLoss, InitialValuesThatAreTooLargeAreNoticed) {
  const InitialLoss loss = check_with_std(1.0);
  EXPECT_TRUE(loss.suspicious()) << loss.mean;
  EXPECT_NE(describe(loss).find("Warning"), std::string::npos);
}

TEST(InitialLoss, ALossThatIsNoNumberIsSuspicious) {
  EXPECT_TRUE((InitialLoss{64, 27, std::numeric_limits<double>::quiet_NaN(), 3.3}.suspicious()));
}

}  // namespace
}  // namespace microgpt::initial_loss_test
