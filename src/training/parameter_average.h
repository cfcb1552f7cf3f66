// SPDX-License-Identifier: MIT
// A running mean of the parameters, which predicts better than the last ones do: the noise of the steps averages out.
//
// With step t, from 1, the mean moves to the parameters by 1 / (1 + share * (t - 1)) of the way, so that the last steps count
// most, and of all steps so far about that share (polynomial-decay averaging: Shamir and Zhang 2013). The same bits wherever it
// is computed.
#pragma once

#include <cstddef>
#include <variant>
#include <vector>

#include "engine/engine.h"

namespace microgpt {

class ParameterAverage {
 public:
  // Begins as the parameters. REQUIRES: 0 < share <= 1.
  ParameterAverage(double share, const AnyBuffers& buffers);

  // After step `step`, from 1, which forgets all before it. REQUIRES: parameters like those of the constructor.
  void take(const AnyNumbers& parameters, std::size_t step);

  // The mean, in the buffers' layout and precision.
  AnyNumbers numbers();

  // The engine's parameters become the mean, and the mean what they were. REQUIRES: the engine of the buffers.
  void exchange(Engine& engine);

 private:
  double share_;
  std::variant<std::vector<float>, std::vector<double>> numbers_;
};

}  // namespace microgpt
