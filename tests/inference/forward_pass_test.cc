// The plain forward pass beside the graph engine's: its logits depend on all of attention.
#include "inference/forward_pass.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include "engine/graph/graph_engine.h"
#include "support/models.h"

namespace microgpt {
namespace {

TEST(ForwardPass, ComputesWhatTheGraphComputes) {
  for (const Config& config : testing::small_shapes()) {
    GraphEngine engine(config);
    const std::vector<double> parameters = testing::random_parameters(config, 3);
    engine.load(parameters);
    const Batch batch = testing::random_batch(config, {config.block_size}, 5);
    const ForwardPass pass = forward_pass(config, parameters, batch.inputs);
    const auto stream = engine.open_stream();
    for (std::size_t i = 0; i < batch.inputs.size(); ++i) {
      const std::span<const double> logits = stream->feed(batch.inputs[i]);
      ASSERT_EQ(pass.logits[i].size(), logits.size());
      for (std::size_t v = 0; v < logits.size(); ++v) EXPECT_NEAR(pass.logits[i][v], logits[v], 1e-12);
    }
  }
}

TEST(ForwardPass, AttentionIsAShareOfEachPositionSoFar) {
  const Config config{.vocab_size = 7, .n_layer = 2, .n_embd = 6, .n_head = 3, .block_size = 5};
  const std::vector<Token> tokens{6, 1, 4, 4};
  const ForwardPass pass = forward_pass(config, testing::random_parameters(config, 1), tokens);
  ASSERT_EQ(pass.attention.size(), config.n_head);
  for (const auto& head : pass.attention) {
    ASSERT_EQ(head.size(), tokens.size());
    for (std::size_t i = 0; i < head.size(); ++i) {
      ASSERT_EQ(head[i].size(), i + 1);
      EXPECT_NEAR(std::accumulate(head[i].begin(), head[i].end(), 0.0), 1.0, 1e-14);
    }
  }
}

}  // namespace
}  // namespace microgpt
