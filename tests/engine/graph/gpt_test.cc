// SPDX-License-Identifier: MIT
// The parts of the model, each against its mathematical definition.
#include "engine/graph/gpt.h"

#include <gtest/gtest.h>

#include <numeric>

#include "engine/engine.h"
#include "support/models.h"

namespace microgpt::graph::gpt_test {
namespace {

std::vector<Number> numbers(std::initializer_list<double> values) {
  std::vector<Number> result;
  for (const double value : values) result.push_back({value});
  return result;
}

TEST(Gpt, SumAddsInOrderOntoZero) {
  const double terms[] = {1e100, 1.0, -1e100};
  EXPECT_EQ(sum(3, [&](std::size_t i) { return Number{terms[i]}; }).data(), 0.0);
}

TEST(Gpt, LinearIsAProductOfMatrixAndVector) {
  const Tensor tensor{"w", 2, 3, 0};
  Tape tape;
  for (const double w : {1, 2, 3, 4, 5, 6}) tape.leaf(w);
  const auto y = linear(numbers({1, 10, 100}), Matrix<Number>{{&tape}, &tensor});
  ASSERT_EQ(y.size(), 2U);
  EXPECT_EQ(y[0].data(), 321.0);
  EXPECT_EQ(y[1].data(), 654.0);
}

TEST(Gpt, SoftmaxIsADistributionWhateverTheLogits) {
  for (const auto& logits : {numbers({1, 2, 3}), numbers({-1000, 0, 1000}), numbers({5}), numbers({-800, -800})}) {
    double total = 0.0;
    for (const Number p : softmax(logits)) {
      EXPECT_GE(p.data(), 0.0);
      total += p.data();
    }
    EXPECT_NEAR(total, 1.0, 1e-15);
  }
  const auto p = softmax(numbers({0.0, std::log(3.0)}));
  EXPECT_NEAR(p[1].data(), 0.75, 1e-15);
}

TEST(Gpt, RmsnormMakesTheMeanSquareOne) {
  double mean_square = 0.0;
  for (const Number y : rmsnorm(numbers({3, -4, 12, 0}))) mean_square += y.data() * y.data() / 4;
  EXPECT_NEAR(mean_square, 1.0, 1e-6);
  for (const Number y : rmsnorm(numbers({0, 0}))) EXPECT_EQ(y.data(), 0.0);
}

TEST(Gpt, AttentionToOnePositionReturnsItsValue) {
  std::vector<Number> out;
  attend<Number>(numbers({1, 2, 3, 4}), {numbers({9, 9, 9, 9})}, {numbers({5, 6, 7, 8})}, 2, 2, out);
  ASSERT_EQ(out.size(), 2U);
  EXPECT_EQ(out[0].data(), 7.0);
  EXPECT_EQ(out[1].data(), 8.0);
}

TEST(Gpt, AttentionIsScaledByTheRootOfTheHead) {
  // Scores 0 and 4 * ln 3 / sqrt(4) * ... chosen so that the weights are 1/4 and 3/4.
  const double s = std::log(3.0) / 2;
  std::vector<Number> out;
  attend<Number>(numbers({1, 1, 1, 1}), {numbers({0, 0, 0, 0}), numbers({s, s, s, s})},
                 {numbers({0, 0, 0, 0}), numbers({4, 4, 4, 4})}, 0, 4, out);
  EXPECT_NEAR(out[0].data(), 3.0, 1e-14);
}

// No position may see what follows it, and every position sees all that precede it.
TEST(Gpt, IsCausal) {
  const Config config{.vocab_size = 6, .n_layer = 2, .n_embd = 4, .n_head = 2, .block_size = 5};
  const auto engine = make_graph_engine(config);
  engine->load(testing::random_parameters(config, 1));
  const std::vector<Token> original{5, 0, 1, 2, 3};
  for (std::size_t changed = 0; changed < original.size(); ++changed) {
    std::vector<Token> other = original;
    other[changed] = 4;
    const auto a = engine->open_stream();
    const auto b = engine->open_stream();
    for (std::size_t i = 0; i < original.size(); ++i) {
      const auto x = a->feed(original[i]);
      const auto y = b->feed(other[i]);
      EXPECT_EQ(std::equal(x.begin(), x.end(), y.begin()), i < changed) << i << ", changed " << changed;
    }
  }
}

}  // namespace
}  // namespace microgpt::graph::gpt_test
