// SPDX-License-Identifier: MIT
// How far the kernels may be from the same formula in double precision: the one list of tolerances of their tests.
//
// An error is measured in units of kUnit times a magnitude that each test states, mostly the sum of the absolute values that
// were added up. One rounding makes at most half an ulp, which is at most one unit of the result.
#pragma once

namespace microgpt::testing {

inline constexpr double kUnit = 0x1p-24;

struct KernelTolerances {
  double sum_per_term = 1.0;  // of a chain of fused multiply-adds: each rounds once
  double embedding = 1.0;     // one addition
  double rms_norm = 8.0;      // the root halves the error of the sum; then division and product
  double rms_norm_backward = 16.0;
  double softmax = 12.0;  // exp takes four, totals and the division the rest
  double log_sum_exp = 6.0;
  double attention = 24.0;  // of the largest value of the whole result
  double attention_backward = 48.0;
  double adam_moment = 4.0;
  double adam_step = 8.0;  // of the step and of the moments that it is made of
};
inline constexpr KernelTolerances kTolerances;

// As simd/lane_math-inl.h states them.
inline constexpr double kExpUlps = 2.0;
inline constexpr double kRootUlps = 2.0;
inline constexpr double kLogAbsolute = 2e-7;  // between 1/2 and 2
inline constexpr double kLogRelative = 2e-7;  // elsewhere

}  // namespace microgpt::testing
