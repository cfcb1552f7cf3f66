// SPDX-License-Identifier: MIT
// Muon, beside its definition in plain C++ and double precision, tensor by tensor of the table.
#include "optimizer/muon.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "optimizer/optimizer.h"
#include "support/models.h"

namespace microgpt::muon_test {
namespace {

// Widths that fill vectors and panels, and some that do not.
std::vector<Config> shapes() {
  std::vector<Config> shapes;
  for (const std::size_t width : {1U, 6U, 16U, 40U, 72U})
    shapes.push_back({.vocab_size = 7, .n_layer = 1 + width % 5, .n_embd = width, .n_head = 1, .block_size = 9});
  return shapes;
}

struct Matrix {
  std::size_t rows;
  std::size_t columns;
  std::vector<double> numbers;

  double& at(std::size_t row, std::size_t column) { return numbers[row * columns + column]; }
  double at(std::size_t row, std::size_t column) const { return numbers[row * columns + column]; }
};

Matrix product(const Matrix& a, const Matrix& b) {
  Matrix c{a.rows, b.columns, std::vector<double>(a.rows * b.columns)};
  for (std::size_t i = 0; i < a.rows; ++i)
    for (std::size_t k = 0; k < a.columns; ++k) {
      const double factor = a.at(i, k);
      const double* const row = b.numbers.data() + k * b.columns;
      double* const sums = c.numbers.data() + i * b.columns;
      for (std::size_t j = 0; j < b.columns; ++j) sums[j] += factor * row[j];
    }
  return c;
}

Matrix transposed(const Matrix& a) {
  Matrix b{a.columns, a.rows, std::vector<double>(a.numbers.size())};
  for (std::size_t i = 0; i < a.rows; ++i)
    for (std::size_t j = 0; j < a.columns; ++j) b.at(j, i) = a.at(i, j);
  return b;
}

// The shorter side as rows, which takes the least work.
Matrix orthogonalised(Matrix x) {
  if (x.rows > x.columns) return transposed(orthogonalised(transposed(x)));
  double norm = 0.0;
  for (const double number : x.numbers) norm += number * number;
  for (double& number : x.numbers) number /= std::sqrt(norm);
  for (int i = 0; i < 5; ++i) {
    const Matrix gram = product(x, transposed(x));
    Matrix polynomial = product(gram, gram);
    for (std::size_t j = 0; j < gram.numbers.size(); ++j)
      polynomial.numbers[j] = -4.7750 * gram.numbers[j] + 2.0315 * polynomial.numbers[j];
    const Matrix change = product(polynomial, x);
    for (std::size_t j = 0; j < x.numbers.size(); ++j) x.numbers[j] = 3.4445 * x.numbers[j] + change.numbers[j];
  }
  return x;
}

struct Trained {
  std::vector<double> parameters;  // in table order
  std::vector<double> momentum;

  bool operator==(const Trained&) const = default;
};

constexpr AdamOptions kAdam{.beta1 = 0.9, .weight_decay = 0.3};
constexpr double kRate = 0.05;
constexpr double kFactor = 0.5;

// Two steps, each with the gradient of the parameters of then.
Trained train(const Config& config, Target target, ThreadTeam* team, OptimizerKind kind = OptimizerKind::muon) {
  const auto engine = make_fast_engine(config, {.target = target, .team = team});
  engine->load(testing::random_parameters(config, 3));
  LocalOptimizer optimizer({kind, kAdam}, config, engine->buffers(), target);
  for (std::uint64_t step = 0; step < 2; ++step) {
    engine->loss_and_gradient(testing::random_batch(config, {config.block_size, 1, config.block_size}, step));
    optimizer.step(engine->buffers(), kRate, kFactor);
    engine->parameters_changed();
  }
  const ParameterTable table(config);
  Trained trained{std::vector<double>(table.parameter_count()), std::vector<double>(table.parameter_count())};
  engine->store(trained.parameters);
  const auto mean = std::get<std::span<float>>(optimizer.mean());
  for (std::size_t i = 0; i < table.tensors().size(); ++i) {
    const Tensor& tensor = table.tensors()[i];
    engine->unpack(std::span<const float>(mean), i, std::span(trained.momentum).subspan(tensor.offset, tensor.size()));
  }
  return trained;
}

// The largest difference between the layers' weights after a first step and what the definition makes of them.
double error_of_first_step(const Config& config) {
  const auto engine = make_fast_engine(config, {});
  const std::vector<double> before = testing::random_parameters(config, 3);
  engine->load(before);
  std::vector<double> gradient(before.size());
  std::vector<double> after(before.size());
  engine->loss_and_gradient(testing::random_batch(config, {config.block_size, config.block_size}, 0));
  engine->store_gradient(gradient);
  LocalOptimizer({OptimizerKind::muon, kAdam}, config, engine->buffers()).step(engine->buffers(), kRate, kFactor);
  engine->store(after);
  double error = 0.0;
  const ParameterTable table(config);
  for (std::size_t i = 3; i < table.tensors().size(); ++i) {
    const Tensor& tensor = table.tensors()[i];
    Matrix direction{tensor.rows, tensor.columns, {}};
    direction.numbers.assign(gradient.begin() + static_cast<std::ptrdiff_t>(tensor.offset),
                             gradient.begin() + static_cast<std::ptrdiff_t>(tensor.offset + tensor.size()));
    const bool is_zero = std::all_of(direction.numbers.begin(), direction.numbers.end(), [](double g) { return g == 0.0; });
    if (!is_zero) direction = orthogonalised(direction);
    const double size = 0.2 * std::sqrt(static_cast<double>(std::max(tensor.rows, tensor.columns)));
    for (std::size_t j = 0; j < tensor.size(); ++j) {
      const double expected =
          before[tensor.offset + j] * (1.0 - kRate * kAdam.weight_decay) - kRate * size * direction.numbers[j];
      error = std::max(error, std::abs(after[tensor.offset + j] - expected));
    }
  }
  return error;
}

TEST(Muon, FollowsTheDefinition) {
  for (const Config& config : shapes()) EXPECT_LT(error_of_first_step(config), 2e-5) << config.n_embd;
}

TEST(Muon, TargetsAndThreadsChangeNoBit) {
  ThreadTeam team(3);
  for (const Config& config : shapes()) {
    const Trained expected = train(config, best_target(), nullptr);
    for (const Target target : available_targets()) {
      EXPECT_EQ(train(config, target, nullptr), expected) << name_of(target) << ", width " << config.n_embd;
      EXPECT_EQ(train(config, target, &team), expected) << name_of(target) << ", width " << config.n_embd;
    }
  }
}

// Embeddings and the last layer are Adam's, and of the rest the mean gradient is as Adam's would be.
TEST(Muon, LeavesTheEndsOfTheModelToAdam) {
  const Config config{.vocab_size = 7, .n_layer = 1, .n_embd = 16, .n_head = 4, .block_size = 9};
  const auto engine = make_fast_engine(config, {});
  const std::vector<double> before = testing::random_parameters(config, 3);
  const ParameterTable table(config);
  std::vector<std::vector<double>> after;
  for (const OptimizerKind kind : {OptimizerKind::adam, OptimizerKind::muon}) {
    engine->load(before);
    engine->loss_and_gradient(testing::random_batch(config, {9, 5}, 0));
    LocalOptimizer({kind, kAdam}, config, engine->buffers()).step(engine->buffers(), kRate);
    after.emplace_back(table.parameter_count());
    engine->store(after.back());
  }
  const auto layers = static_cast<std::ptrdiff_t>(table.tensors()[3].offset);
  EXPECT_TRUE(std::equal(after[0].begin(), after[0].begin() + layers, after[1].begin()));
  EXPECT_FALSE(std::equal(after[0].begin() + layers, after[0].end(), after[1].begin() + layers));
}

// A weight that has no gradient, as that of a relu which is never above 0, only decays.
TEST(Muon, NoGradientIsNoMove) {
  const Config config{.vocab_size = 3, .n_layer = 1, .n_embd = 16, .n_head = 1, .block_size = 2};
  const auto engine = make_fast_engine(config, {});
  std::vector<float> parameters(std::get<Buffers<float>>(engine->buffers()).parameters.size(), 1.0F);
  const std::vector<float> gradient(parameters.size(), 0.0F);
  std::vector<float> momentum(parameters.size(), 0.0F);
  Muon muon(config, best_target());
  muon.step({parameters, gradient}, momentum, {.learning_rate = 0.5, .beta = 0.9, .weight_decay = 0.5, .gradient_factor = 1.0});
  EXPECT_TRUE(std::all_of(parameters.begin(), parameters.begin() + static_cast<std::ptrdiff_t>(muon.begin()),
                          [](float p) { return p == 1.0F; }));
  EXPECT_TRUE(std::all_of(parameters.begin() + static_cast<std::ptrdiff_t>(muon.begin()), parameters.end(),
                          [](float p) { return p == 0.75F; }));
}

}  // namespace
}  // namespace microgpt::muon_test
