// SPDX-License-Identifier: MIT
// How far a run of training is, and what validation has said so far.
#pragma once

#include <cstddef>
#include <optional>

namespace microgpt {

struct Progress {
  std::size_t step = 0;  // steps done

  // Validation: the step at which it was measured last, the step at which it was lowest, that loss (nats, document mean), and
  // how many measurements in a row were no better since. Nothing before the first, and where nothing is held out.
  std::optional<std::size_t> evaluated_step;
  std::optional<std::size_t> best_step;
  double best_loss = 0.0;
  std::size_t evaluations_since_best = 0;

  // The step whose parameters are the teacher's, once there is a teacher.
  std::optional<std::size_t> teacher_step = {};

  // Takes a measurement at the present step; whether it is the lowest so far. REQUIRES: it is a number.
  bool take_validation(double loss);

  bool operator==(const Progress&) const = default;
};

}  // namespace microgpt
