// The learning rate as a function of the step.
#pragma once

#include <cstddef>

namespace microgpt {

enum class Schedule {
  linear,  // rate * (1 - s/N)
  cosine,  // rate * 0.5 * (1 + cos(pi*s/N))
};

// The rate of step `step` (from 0) of `num_steps`, in the order of operations of microgpt.py. REQUIRES: step < num_steps.
double scheduled_rate(Schedule schedule, double learning_rate, std::size_t step, std::size_t num_steps);

}  // namespace microgpt
