// SPDX-License-Identifier: MIT
#include "optimizer/schedule.h"

#include <cassert>
#include <cmath>
#include <numbers>

namespace microgpt {

double scheduled_rate(Schedule schedule, double learning_rate, std::size_t step, std::size_t num_steps) {
  assert(step < num_steps);
  const auto s = static_cast<double>(step);
  const auto n = static_cast<double>(num_steps);
  switch (schedule) {
    case Schedule::linear:
      return learning_rate * (1.0 - s / n);
    case Schedule::cosine:
      return learning_rate * 0.5 * (1.0 + std::cos(std::numbers::pi * s / n));
    case Schedule::constant:
      return learning_rate;
  }
  return learning_rate;
}

double warmed_up_rate(Schedule schedule, double learning_rate, std::size_t warmup, std::size_t step, std::size_t num_steps) {
  if (step < warmup) return learning_rate * static_cast<double>(step + 1) / static_cast<double>(warmup + 1);
  return scheduled_rate(schedule, learning_rate, step - warmup, num_steps - warmup);
}

}  // namespace microgpt
