// SPDX-License-Identifier: MIT
// What lanes-inl.h offers to the kernels, as functions that a test can call for each instruction set.
#pragma once

#include <cstddef>
#include <span>

#include "simd/target.h"

namespace microgpt::testing {

struct LaneFunctions {
  // Element by element; sizes are multiples of 16, `to` may be `from`.
  void (*exp)(std::span<const float> from, float* to);
  void (*log)(std::span<const float> from, float* to);
  void (*inverse_sqrt)(std::span<const float> from, float* to);
  void (*square_root)(std::span<const float> from, float* to);
  // rows: [16][16]; sums and maxima: [16], one a row.
  void (*lane_sums)(const float* rows, float* sums);
  void (*lane_maxima)(const float* rows, float* maxima);
  void (*transpose)(float* rows);
  // x: [16], becomes its sum or largest element in every lane.
  void (*broadcast_sum)(float* x);
  void (*broadcast_maximum)(float* x);
  // to[i] = i < n ? a[i] : b[i].
  void (*first_lanes)(const float* a, std::size_t n, const float* b, float* to);
};

// REQUIRES: the target is available on this machine.
const LaneFunctions& lane_functions_for(Target target);

}  // namespace microgpt::testing
