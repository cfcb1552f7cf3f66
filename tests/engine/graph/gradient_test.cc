// SPDX-License-Identifier: MIT
// The gradient of every parameter against central differences of the loss.
#include <gtest/gtest.h>

#include <set>

#include "engine/graph/graph_engine.h"
#include "support/closeness.h"
#include "support/length.h"
#include "support/models.h"

namespace microgpt::graph::gradient_test {
namespace {

constexpr double kStep = 1e-5;
constexpr double kTolerance = 1e-7;  // of the tensor's largest entry
constexpr double kNoise = 1e-10;     // a loss is good to about 1e-15, and is divided by the step

// Which relus of the graph let their argument through.
std::vector<bool> relu_signs(const Tape& tape) {
  std::vector<bool> signs;
  for (Tape::Index i = 0; i < tape.size(); ++i)
    if (tape.is_relu(i)) signs.push_back(tape.data(i) > 0.0);
  return signs;
}

struct Differences {
  std::vector<double> gradient;
  std::set<std::size_t> flips;  // parameters for which a relu changes sign between the two points: there is no derivative
};

Differences differentiate(GraphEngine& engine, std::vector<double> parameters, const Batch& batch, const Dropout& dropout,
                          LossMean mean) {
  Differences differences;
  const auto loss_at = [&](std::size_t i, double value) {
    const double kept = std::exchange(parameters[i], value);
    engine.load(parameters);
    parameters[i] = kept;
    const double loss = engine.loss_and_gradient(batch, dropout, mean);
    return std::pair(loss, relu_signs(engine.tape()));
  };
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto [above, signs_above] = loss_at(i, parameters[i] + kStep);
    const auto [below, signs_below] = loss_at(i, parameters[i] - kStep);
    differences.gradient.push_back((above - below) / (2 * kStep));
    if (signs_above != signs_below) differences.flips.insert(i);
  }
  engine.load(parameters);
  return differences;
}

void expect_finite_differences(const Config& config, double dropout_rate, const std::vector<std::size_t>& positions,
                               LossMean mean = LossMean::document) {
  const ParameterTable table(config);
  GraphEngine engine(config);
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const std::vector<double> parameters = testing::random_parameters(config, seed);
    const Batch batch = testing::random_batch(config, positions, seed + 100);
    const Dropout dropout{dropout_rate, seed, 3};
    const Differences differences = differentiate(engine, parameters, batch, dropout, mean);
    engine.loss_and_gradient(batch, dropout, mean);
    std::vector<double> gradient(parameters.size());
    engine.store_gradient(gradient);
    for (const std::size_t flip : differences.flips)
      std::cout << "excused, as a relu flips: " << table.name_of(flip) << ", seed " << seed << "\n";
    EXPECT_LE(differences.flips.size(), parameters.size() / 10) << "too many excuses";
    EXPECT_EQ(testing::find_far_element(table, gradient, differences.gradient, kTolerance, kNoise,
                                        [&](std::size_t i) { return differences.flips.contains(i); }),
              std::nullopt)
        << "seed " << seed;
  }
}

class GradientTest : public ::testing::TestWithParam<std::size_t> {};

TEST_P(GradientTest, AgreesWithFiniteDifferences) {
  const Config config = testing::small_shapes()[GetParam()];
  expect_finite_differences(config, 0.0, {config.block_size});
}

TEST_P(GradientTest, AgreesWithFiniteDifferencesUnderDropout) {
  const Config config = testing::small_shapes()[GetParam()];
  expect_finite_differences(config, 0.25, {config.block_size});
}

TEST(GradientOfBatchTest, OfEitherMeanAgreesWithFiniteDifferences) {
  const Config config{.vocab_size = 5, .n_embd = 4, .n_head = 2, .block_size = 4};
  for (const LossMean mean : {LossMean::document, LossMean::token}) expect_finite_differences(config, 0.0, {4, 1, 2}, mean);
}

INSTANTIATE_TEST_SUITE_P(SmallShapes, GradientTest,
                         ::testing::Range(std::size_t{0}, testing::full_or(testing::small_shapes().size(), 2)));

}  // namespace
}  // namespace microgpt::graph::gradient_test
