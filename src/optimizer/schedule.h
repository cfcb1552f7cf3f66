// SPDX-License-Identifier: MIT
// The learning rate as a function of the step.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "text/names.h"

namespace microgpt {

enum class Schedule {
  linear,    // rate * (1 - s/N)
  cosine,    // rate * 0.5 * (1 + cos(pi*s/N))
  constant,  // rate
};

inline constexpr std::array<Named<Schedule>, 3> kScheduleNames{{
    {Schedule::linear, "linear"},
    {Schedule::cosine, "cosine"},
    {Schedule::constant, "constant"},
}};

// The rate of step `step` (from 0) of `num_steps`, in the order of operations of microgpt.py. REQUIRES: step < num_steps.
double scheduled_rate(Schedule schedule, double learning_rate, std::size_t step, std::size_t num_steps);

// The rate rises over the first `warmup` steps, rate * (s+1)/(warmup+1), and follows the schedule over those that are left, if
// any. Without warm-up it is scheduled_rate(), bit for bit. REQUIRES: step < num_steps.
double warmed_up_rate(Schedule schedule, double learning_rate, std::size_t warmup, std::size_t step, std::size_t num_steps);

}  // namespace microgpt
