// SPDX-License-Identifier: MIT
// The plain forward pass beside the graph engine's: its logits depend on all of attention.
#include "inference/forward_pass.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include "engine/graph/gpt.h"
#include "engine/graph/graph_engine.h"
#include "microgpt/parameters.h"
#include "support/models.h"

namespace microgpt::forward_pass_test {
namespace {

TEST(ForwardPass, ComputesWhatTheGraphComputes) {
  for (const Config& config : testing::small_shapes()) {
    graph::GraphEngine engine(config);
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

// What the graph's last layer reads, [position][n_embd]: the output of a model without that layer whose lm_head changes
// nothing.
std::vector<std::vector<double>> inputs_of_last_layer(const Config& config, std::span<const double> parameters,
                                                      std::span<const Token> tokens) {
  Config shorter = config;
  --shorter.n_layer;
  const ParameterTable table(config), shorter_table(shorter);
  std::vector<double> some(shorter_table.parameter_count());
  for (const Tensor& tensor : shorter_table.tensors()) {
    const auto from = parameters.subspan(table.find(tensor.name).offset, tensor.size());
    std::copy(from.begin(), from.end(), some.begin() + static_cast<std::ptrdiff_t>(tensor.offset));
  }
  const Tensor& lm_head = shorter_table.find("lm_head");
  for (std::size_t i = 0; i < lm_head.size(); ++i)
    some[lm_head.offset + i] = i / lm_head.columns == i % lm_head.columns ? 1.0 : 0.0;
  graph::GraphEngine engine(shorter);
  engine.load(some);
  const auto stream = engine.open_stream();
  std::vector<std::vector<double>> x;
  for (const Token token : tokens) {
    const std::span<const double> logits = stream->feed(token);
    x.emplace_back(logits.begin(), logits.end());
  }
  return x;
}

std::vector<graph::Number> product(std::span<const double> parameters, const Tensor& w, const std::vector<graph::Number>& x) {
  std::vector<graph::Number> y;
  for (std::size_t o = 0; o < w.rows; ++o) {
    double total = 0.0;
    for (std::size_t i = 0; i < w.columns; ++i) total += parameters[w.offset + o * w.columns + i] * x[i].data();
    y.push_back(graph::Number{total});
  }
  return y;
}

// The graph engine's attend() with values that are 1 at one position and 0 at all others takes that position's weight.
TEST(ForwardPass, AttentionIsThatOfTheGraph) {
  const Config config{.vocab_size = 6, .n_layer = 3, .n_embd = 6, .n_head = 3, .block_size = 5};
  const std::vector<Token> tokens{5, 1, 4, 4, 0};
  const ParameterTable table(config);
  const std::vector<double> parameters = testing::random_parameters(config, 1, 0.8);
  const ForwardPass pass = forward_pass(config, parameters, tokens);
  const std::vector<std::vector<double>> inputs = inputs_of_last_layer(config, parameters, tokens);
  std::vector<std::vector<graph::Number>> keys;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    std::vector<graph::Number> x;
    for (const double xi : inputs[i]) x.push_back(graph::Number{xi});
    x = rmsnorm(x);
    keys.push_back(product(parameters, table.find("layer2.attn_wk"), x));
    const std::vector<graph::Number> q = product(parameters, table.find("layer2.attn_wq"), x);
    for (std::size_t head = 0; head < config.n_head; ++head)
      for (std::size_t t = 0; t <= i; ++t) {
        std::vector<std::vector<graph::Number>> values(i + 1, std::vector<graph::Number>(config.n_embd, graph::Number{0.0}));
        values[t].assign(config.n_embd, graph::Number{1.0});
        std::vector<graph::Number> taken;
        attend(q, keys, values, head * config.head_dim(), config.head_dim(), taken);
        EXPECT_NEAR(pass.attention[head][i][t], taken[0].data(), 1e-12) << "head " << head << ", " << i << " of " << t;
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
}  // namespace microgpt::forward_pass_test
