// SPDX-License-Identifier: MIT
#include "microgpt/parameters.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "model/initialize.h"

namespace microgpt::parameters_test {
namespace {

TEST(ParameterTable, HasTheOrderOfTheStateDict) {
  const ParameterTable table(Config{.n_layer = 2});
  std::vector<std::string> names;
  for (const Tensor& tensor : table.tensors()) names.push_back(tensor.name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"wte", "wpe", "lm_head", "layer0.attn_wq", "layer0.attn_wk", "layer0.attn_wv",
                                      "layer0.attn_wo", "layer0.mlp_fc1", "layer0.mlp_fc2", "layer1.attn_wq", "layer1.attn_wk",
                                      "layer1.attn_wv", "layer1.attn_wo", "layer1.mlp_fc1", "layer1.mlp_fc2"}));
}

TEST(ParameterTable, TensorsLieEndToEnd) {
  const ParameterTable table(Config{.vocab_size = 5, .n_layer = 3, .n_embd = 6, .n_head = 2, .block_size = 7});
  std::size_t offset = 0;
  for (const Tensor& tensor : table.tensors()) {
    EXPECT_EQ(tensor.offset, offset) << tensor.name;
    offset += tensor.rows * tensor.columns;
  }
  EXPECT_EQ(table.parameter_count(), offset);
  EXPECT_EQ(table.find("layer1.mlp_fc1").rows, 24U);
  EXPECT_EQ(table.find("layer1.mlp_fc2").columns, 24U);
}

TEST(ParameterTable, CountsWhatMicrogptCounts) {
  EXPECT_EQ(ParameterTable(Config{}).parameter_count(), 4192U);
  EXPECT_EQ(ParameterTable(Config{.block_size = 8}).parameter_count(), 4064U);
}

TEST(ParameterTable, NamesElements) {
  const ParameterTable table((Config()));
  EXPECT_EQ(table.name_of(0), "wte[0][0]");
  EXPECT_EQ(table.name_of(27 * 16), "wpe[0][0]");
  EXPECT_EQ(table.name_of(table.find("layer0.mlp_fc2").offset + 64 + 3), "layer0.mlp_fc2[1][3]");
  EXPECT_EQ(table.name_of(table.parameter_count() - 1), "layer0.mlp_fc2[15][63]");
}

TEST(InitialParameters, HaveTheStdOfTheirTensor) {
  const ParameterTable table(Config{.n_embd = 64});
  PythonRandom random(1);
  const std::vector<double> parameters = initial_parameters(table, {0.5, 0.0}, random);
  for (const Tensor& tensor : table.tensors()) {
    double squares = 0.0;
    for (std::size_t i = 0; i < tensor.size(); ++i) squares += std::pow(parameters[tensor.offset + i], 2);
    const double std = std::sqrt(squares / static_cast<double>(tensor.size()));
    const bool residual = tensor.name == "layer0.attn_wo" || tensor.name == "layer0.mlp_fc2";
    EXPECT_NEAR(std, residual ? 0.0 : 0.5, residual ? 0.0 : 0.05) << tensor.name;
  }
}

TEST(InitialParameters, ZeroStdStillDraws) {
  const ParameterTable table((Config()));
  PythonRandom with_zero(1);
  PythonRandom without_zero(1);
  initial_parameters(table, {0.5, 0.0}, with_zero);
  initial_parameters(table, {0.5, 0.5}, without_zero);
  EXPECT_EQ(with_zero.random(), without_zero.random());
}

}  // namespace
}  // namespace microgpt::parameters_test
