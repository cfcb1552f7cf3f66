// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "engine/loss.h"
#include "engine/make_engine.h"
#include "support/models.h"

namespace microgpt::mean_loss_test {
namespace {

TEST(MeanLoss, TheTwoMeansAreWhatTheyAreCalled) {
  const Config config{.vocab_size = 5, .n_embd = 4, .n_head = 2, .block_size = 4};
  const auto engine = make_graph_engine(config);
  engine->load(testing::random_parameters(config, 1));
  const Batch batch = testing::random_batch(config, {1, 4, 2}, 2);
  const std::vector<double> l = engine->losses(batch);
  ASSERT_EQ(l.size(), 7U);
  const double first = l[0];
  const double second = (l[1] + l[2] + l[3] + l[4]) / 4;
  const double third = (l[5] + l[6]) / 2;
  const MeanLoss mean = mean_loss(*engine, batch);
  EXPECT_NEAR(mean.document_mean, (first + second + third) / 3, 1e-14);
  EXPECT_NEAR(mean.token_mean, (first + 4 * second + 2 * third) / 7, 1e-14);
  EXPECT_NEAR(engine->loss_and_gradient(batch), mean.document_mean, 1e-14) << "what training minimises unless told otherwise";
  EXPECT_NEAR(engine->loss_and_gradient(batch, {}, LossMean::token), mean.token_mean, 1e-14);
}

TEST(MeanLoss, CountsWhatCounts) {
  const Config config{.vocab_size = 5, .n_embd = 4, .n_head = 2, .block_size = 4};
  for (const EngineKind kind : {EngineKind::graph, EngineKind::exact, EngineKind::fast}) {
    const auto engine = make_engine(kind, config);
    engine->load(testing::random_parameters(config, 1));
    Batch batch = testing::random_batch(config, {1, 4}, 2);
    batch.set_context(3);
    batch.append(std::vector<Token>{4, 1, 2, 4}, 4);
    const std::vector<double> l = engine->losses(batch);
    ASSERT_EQ(l.size(), 8U);
    const double last = (l[5] + l[6] + l[7]) / 3;
    const MeanLoss mean = mean_loss(*engine, batch);
    EXPECT_NEAR(mean.document_mean, (l[0] + l[4] + last) / 3, 1e-14);
    EXPECT_NEAR(mean.token_mean, (l[0] + l[4] + 3 * last) / 5, 1e-14);
    EXPECT_NEAR(engine->loss_and_gradient(batch), mean.document_mean, 1e-6);
    EXPECT_NEAR(engine->loss_and_gradient(batch, {}, LossMean::token), mean.token_mean, 1e-6);
  }
}

TEST(MeanLoss, ZeroParametersCostTheUniformLoss) {
  const Config config{.vocab_size = 27};
  const auto engine = make_graph_engine(config);
  const MeanLoss mean = mean_loss(*engine, testing::random_batch(config, {3, 7}, 1));
  EXPECT_NEAR(mean.token_mean, std::log(27.0), 1e-12);
  EXPECT_DOUBLE_EQ(uniform_loss(27), std::log(27.0));
  EXPECT_DOUBLE_EQ(nats_to_bits(std::log(2.0)), 1.0);
}

}  // namespace
}  // namespace microgpt::mean_loss_test
