// SPDX-License-Identifier: MIT
// Whether the fast engine agrees with the graph engine, and with itself on every instruction set.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "microgpt/config.h"
#include "text/batch.h"

namespace microgpt::testing {

inline constexpr double kEngineTolerance = 1e-5;  // of the tensor's largest gradient, and of a loss

struct Shape {
  Config config;
  std::vector<std::size_t> positions;  // of each document

  std::string describe() const;
};

struct Results {
  double loss = 0.0;
  std::vector<double> losses;
  std::vector<double> gradient;
};

// The gradient is one with dropout, the losses never are.
Results results_of(Engine& engine, const std::vector<double>& parameters, const Batch& batch, const Dropout& dropout = {},
                   LossMean mean = LossMean::document);

// Parameters that single precision holds exactly, so that both engines have the same.
std::vector<double> float_parameters(const Config& config, std::uint64_t seed);

// What is wrong with a gradient, in words, or nothing. Where relus on the edge have other signs than in double precision, the
// gradient must be the one of those signs, and the flips are printed. With dropout they are not looked for.
struct Comparand {
  const Config& config;
  const std::vector<double>& parameters;
  const Batch& batch;
  Dropout dropout = {};
  LossMean mean = LossMean::document;
};
struct Verdict {
  std::optional<std::string> wrong;
  std::string flips;  // those that explain what would be wrong without them
};
Verdict judge_gradient(const Comparand& of, const std::vector<double>& actual, const std::vector<double>& expected);

// Expects the loss, the losses and the gradient of a random batch of that shape to be the graph engine's, with and without
// prefix sharing, and to have the same bits on all targets.
void expect_agreement(const Shape& shape, std::uint64_t seed, const Dropout& dropout = {}, LossMean mean = LossMean::document);
void expect_agreement(const Config& config, const Batch& batch, std::uint64_t seed, const Dropout& dropout = {},
                      LossMean mean = LossMean::document);

// Bit by bit.
void expect_same_bits(const Results& actual, const Results& expected);

}  // namespace microgpt::testing
