// SPDX-License-Identifier: MIT
// The table of kernels for each instruction set.
#include "optimizer/kernels/optimizer_kernels.h"

#include "simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "optimizer/kernels/optimizer_kernels.cc"
#include <hwy/foreach_target.h>

#include "optimizer/kernels/optimizer_entry_points-inl.h"

namespace microgpt::optimizer_kernels::HWY_NAMESPACE {

extern const OptimizerKernels kKernels;
const OptimizerKernels kKernels{.adam_f64 = adam_f64, .adam_f32 = adam_f32, .sum_of_squares = sum_of_squares};

}  // namespace microgpt::optimizer_kernels::HWY_NAMESPACE

#if HWY_ONCE
#include <cassert>

namespace microgpt {

const OptimizerKernels& optimizer_kernels_for(Target target) {
  using namespace optimizer_kernels;
  MICROGPT_RETURN_KERNELS(target)
}

}  // namespace microgpt
#endif
