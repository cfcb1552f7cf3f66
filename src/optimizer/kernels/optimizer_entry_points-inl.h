// SPDX-License-Identifier: MIT
// The functions of the table of kernels, in the namespace of each target.
#if defined(MICROGPT_OPTIMIZER_ENTRY_POINTS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MICROGPT_OPTIMIZER_ENTRY_POINTS_INL_H
#undef MICROGPT_OPTIMIZER_ENTRY_POINTS_INL_H
#else
#define MICROGPT_OPTIMIZER_ENTRY_POINTS_INL_H
#endif

#include <hwy/ops/set_macros-inl.h>

#include <span>

#include "optimizer/kernels/optimizer_kernels.h"

namespace microgpt::optimizer_kernels::HWY_NAMESPACE {

#if HWY_TARGET == HWY_WASM
}  // namespace microgpt::optimizer_kernels::HWY_NAMESPACE
namespace microgpt::optimizer_kernels::N_SCALAR {
void adam_f64(const AdamCallF64& call);
}
namespace microgpt::optimizer_kernels::HWY_NAMESPACE {
using N_SCALAR::adam_f64;  // compiled without vectors, as Highway has none of doubles there
#else
void adam_f64(const AdamCallF64& call);
#endif
void adam_f32(const AdamCallF32& call);
double sum_of_squares(std::span<const float> x);

}  // namespace microgpt::optimizer_kernels::HWY_NAMESPACE

#endif  // MICROGPT_OPTIMIZER_ENTRY_POINTS_INL_H
