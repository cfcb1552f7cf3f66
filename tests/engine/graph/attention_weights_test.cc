// SPDX-License-Identifier: MIT
// Where attention looks, beside the attention of a layer alone.
#include "engine/graph/attention_weights.h"

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

namespace microgpt::graph::attention_weights_test {
namespace {

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
  GraphEngine engine(shorter);
  engine.load(some);
  const auto stream = engine.open_stream();
  std::vector<std::vector<double>> x;
  for (const Token token : tokens) {
    const std::span<const double> logits = stream->feed(token);
    x.emplace_back(logits.begin(), logits.end());
  }
  return x;
}

std::vector<Number> product(std::span<const double> parameters, const Tensor& w, const std::vector<Number>& x) {
  std::vector<Number> y;
  for (std::size_t o = 0; o < w.rows; ++o) {
    double total = 0.0;
    for (std::size_t i = 0; i < w.columns; ++i) total += parameters[w.offset + o * w.columns + i] * x[i].data();
    y.push_back(Number{total});
  }
  return y;
}

// The graph engine's attend() with values that are 1 at one position and 0 at all others takes that position's weight.
TEST(AttentionWeights, AreThoseOfTheLastLayer) {
  const Config config{.vocab_size = 6, .n_layer = 3, .n_embd = 6, .n_head = 3, .block_size = 5};
  const std::vector<Token> tokens{5, 1, 4, 4, 0};
  const ParameterTable table(config);
  const std::vector<double> parameters = testing::random_parameters(config, 1, 0.8);
  const AttentionWeights weights = AttentionPass(config, parameters).run(tokens);
  const std::vector<std::vector<double>> inputs = inputs_of_last_layer(config, parameters, tokens);
  std::vector<std::vector<Number>> keys;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    std::vector<Number> x;
    for (const double xi : inputs[i]) x.push_back(Number{xi});
    x = rmsnorm(x);
    keys.push_back(product(parameters, table.find("layer2.attn_wk"), x));
    const std::vector<Number> q = product(parameters, table.find("layer2.attn_wq"), x);
    for (std::size_t head = 0; head < config.n_head; ++head)
      for (std::size_t t = 0; t <= i; ++t) {
        std::vector<std::vector<Number>> values(i + 1, std::vector<Number>(config.n_embd, Number{0.0}));
        values[t].assign(config.n_embd, Number{1.0});
        std::vector<Number> taken;
        attend(q, keys, values, head * config.head_dim(), config.head_dim(), taken);
        EXPECT_NEAR(weights[head][i][t], taken[0].data(), 1e-12) << "head " << head << ", " << i << " of " << t;
      }
  }
}

// What a layer takes does not depend on those after it: it is the last one of a model that ends with it.
TEST(AttentionWeights, OfEachLayerAreThoseOfAModelThatEndsThere) {
  const Config config{.vocab_size = 6, .n_layer = 3, .n_embd = 6, .n_head = 3, .block_size = 5};
  const std::vector<Token> tokens{5, 1, 4, 4, 0};
  const ParameterTable table(config);
  const std::vector<double> parameters = testing::random_parameters(config, 1, 0.8);
  const AttentionPass pass(config, parameters);
  const std::vector<AttentionWeights> layers = pass.run_from(0, tokens);
  ASSERT_EQ(layers.size(), 3U);
  EXPECT_EQ(layers[2], pass.run(tokens));
  EXPECT_EQ(pass.run_from(1, tokens), std::vector<AttentionWeights>(layers.begin() + 1, layers.end()));
  for (std::size_t layer = 0; layer < 2; ++layer) {
    Config shorter = config;
    shorter.n_layer = layer + 1;
    const ParameterTable shorter_table(shorter);
    std::vector<double> some(shorter_table.parameter_count());
    for (const Tensor& tensor : shorter_table.tensors()) {
      const auto from = std::span(parameters).subspan(table.find(tensor.name).offset, tensor.size());
      std::copy(from.begin(), from.end(), some.begin() + static_cast<std::ptrdiff_t>(tensor.offset));
    }
    EXPECT_EQ(layers[layer], AttentionPass(shorter, some).run(tokens)) << layer;
  }
}

TEST(AttentionWeights, AreSharesOfThePositionsSoFar) {
  const Config config{.vocab_size = 7, .n_layer = 2, .n_embd = 6, .n_head = 3, .block_size = 5};
  const std::vector<Token> tokens{6, 1, 4, 4};
  const AttentionWeights weights = AttentionPass(config, testing::random_parameters(config, 1)).run(tokens);
  ASSERT_EQ(weights.size(), config.n_head);
  for (const auto& head : weights) {
    ASSERT_EQ(head.size(), tokens.size());
    for (std::size_t i = 0; i < head.size(); ++i) {
      ASSERT_EQ(head[i].size(), i + 1);
      EXPECT_NEAR(std::accumulate(head[i].begin(), head[i].end(), 0.0), 1.0, 1e-14);
    }
  }
}

}  // namespace
}  // namespace microgpt::graph::attention_weights_test
