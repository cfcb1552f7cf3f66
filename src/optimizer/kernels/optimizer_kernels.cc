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

#define MICROGPT_TABLE(name, highway) \
  case Target::name:                  \
    return optimizer_kernels::N_##highway::kKernels;

const OptimizerKernels& optimizer_kernels_for(Target target) {
  switch (target) {
    MICROGPT_FOR_EACH_TARGET(MICROGPT_TABLE)
    default:
      assert(false);
      return optimizer_kernels::N_SCALAR::kKernels;
  }
}

}  // namespace microgpt
#endif
