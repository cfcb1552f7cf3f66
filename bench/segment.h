// SPDX-License-Identifier: MIT
// Timing in short segments: what comes before one is not timed and lets caches, clock and branch predictor settle.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>

namespace microgpt::bench {

inline constexpr double kWarmUpSeconds = 1.5e-3;  // longer than processors keep the clock of another instruction set
inline constexpr double kSegmentSeconds = 3e-3;

inline double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

template <typename Work>
double seconds_of(const Work& work) {
  const double start = now();
  work();
  return now() - start;
}

// Calls `step` until it is warm, and at least once.
template <typename Step>
void warm_up(const Step& step) {
  const double start = now();
  do step();
  while (now() - start < kWarmUpSeconds);
}

// How many steps, a multiple of `cycle`, make a segment where one takes so long.
inline std::size_t steps_of_segment(std::size_t cycle, double seconds_per_step) {
  const double cycles = std::ceil(kSegmentSeconds / (static_cast<double>(cycle) * seconds_per_step));
  return cycle * static_cast<std::size_t>(std::clamp(cycles, 1.0, 1e6));
}

}  // namespace microgpt::bench
