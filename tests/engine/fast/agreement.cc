// SPDX-License-Identifier: MIT
#include "engine/fast/agreement.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iostream>

#include "engine/graph/graph_engine.h"
#include "support/closeness.h"
#include "support/models.h"
#include "support/relu_flips.h"

namespace microgpt::testing {
namespace {

constexpr double kEdge = 1e-5;        // the error of an argument in single precision is well below
constexpr double kBeyond = 1e-9;      // how far a sign is moved over the edge
constexpr std::size_t kMaxFlips = 5;  // every choice among so many is tried

std::vector<double> gradient_of(const Config& config, const std::vector<double>& parameters, const Batch& batch,
                                LossMean mean) {
  GraphEngine graph(config);
  return results_of(graph, parameters, batch, {}, mean).gradient;
}

void expect_results_near(const Comparand& of, const Results& actual, const Results& expected) {
  EXPECT_NEAR(actual.loss, expected.loss, kEngineTolerance * expected.loss);
  ASSERT_EQ(actual.losses.size(), expected.losses.size());
  for (std::size_t i = 0; i < actual.losses.size(); ++i)
    EXPECT_NEAR(actual.losses[i], expected.losses[i], kEngineTolerance * expected.losses[i]) << "position " << i;
  const Verdict verdict = judge_gradient(of, actual.gradient, expected.gradient);
  EXPECT_EQ(verdict.wrong, std::nullopt);
  if (!verdict.flips.empty()) std::cout << "relus of the other sign:" << verdict.flips << "\n";
}

}  // namespace

std::string Shape::describe() const {
  return fmt::format("{} layers, width {}, {} heads, context {}, {} tokens, {}, {} documents", config.n_layer, config.n_embd,
                     config.n_head, config.block_size, config.vocab_size,
                     config.activation == Activation::relu ? "relu" : "squared relu", positions.size());
}

Results results_of(Engine& engine, const std::vector<double>& parameters, const Batch& batch, const Dropout& dropout,
                   LossMean mean) {
  Results results;
  engine.load(parameters);
  results.losses = engine.losses(batch);
  results.loss = engine.loss_and_gradient(batch, dropout, mean);
  results.gradient.resize(parameters.size());
  engine.store_gradient(results.gradient);
  return results;
}

std::vector<double> float_parameters(const Config& config, std::uint64_t seed) {
  std::vector<double> parameters = random_parameters(config, seed, 0.5 / std::sqrt(static_cast<double>(config.n_embd)));
  for (double& p : parameters) p = static_cast<double>(static_cast<float>(p));
  return parameters;
}

Verdict judge_gradient(const Comparand& of, const std::vector<double>& actual, const std::vector<double>& expected) {
  const ParameterTable table(of.config);
  Verdict verdict{find_far_element(table, actual, expected, kEngineTolerance), ""};
  if (!verdict.wrong || of.config.activation != Activation::relu || of.dropout.rate > 0.0) return verdict;
  std::vector<HiddenUnit> units = find_units_near_zero(of.config, of.parameters, of.batch, kEdge);
  units.resize(std::min(units.size(), kMaxFlips));
  for (std::size_t choice = 1; choice < std::size_t{1} << units.size(); ++choice) {
    std::vector<double> moved = of.parameters;
    std::string flips;
    for (std::size_t i = 0; i < units.size(); ++i)
      if ((choice >> i & 1) != 0) {
        moved = with_argument(of.config, std::move(moved), of.batch, units[i], std::copysign(kBeyond, -units[i].argument));
        flips += "\n  " + units[i].describe();
      }
    if (!find_far_element(table, actual, gradient_of(of.config, moved, of.batch, of.mean), kEngineTolerance))
      return {std::nullopt, flips};
  }
  return verdict;
}

void expect_same_bits(const Results& actual, const Results& expected) {
  EXPECT_EQ(find_different_bits(std::vector{actual.loss}, std::vector{expected.loss}), std::nullopt);
  EXPECT_EQ(find_different_bits(actual.losses, expected.losses), std::nullopt);
  EXPECT_EQ(find_different_bits(actual.gradient, expected.gradient), std::nullopt);
}

void expect_agreement(const Shape& shape, std::uint64_t seed, const Dropout& dropout, LossMean mean) {
  SCOPED_TRACE(shape.describe());
  expect_agreement(shape.config, random_batch(shape.config, shape.positions, seed + 1000), seed, dropout, mean);
}

void expect_agreement(const Config& config, const Batch& batch, std::uint64_t seed, const Dropout& dropout, LossMean mean) {
  const std::vector<double> parameters = float_parameters(config, seed + 2000);
  GraphEngine graph(config);
  const Results expected = results_of(graph, parameters, batch, dropout, mean);
  for (const PrefixSharing sharing : {PrefixSharing::where_it_pays, PrefixSharing::never}) {
    SCOPED_TRACE(sharing == PrefixSharing::never ? "no prefix sharing" : "prefix sharing");
    const auto fast = make_fast_engine(config, {best_target(), sharing});
    const Results actual = results_of(*fast, parameters, batch, dropout, mean);
    expect_results_near({config, parameters, batch, dropout, mean}, actual, expected);
    for (const Target target : available_targets().subspan(1)) {
      SCOPED_TRACE(name_of(target));
      const auto other = make_fast_engine(config, {target, sharing});
      expect_same_bits(results_of(*other, parameters, batch, dropout, mean), actual);
    }
  }
}

}  // namespace microgpt::testing
