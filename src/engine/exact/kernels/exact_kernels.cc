// SPDX-License-Identifier: MIT
// The table of kernels for each instruction set.
#include "engine/exact/kernels/exact_kernels.h"

#include "simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/exact/kernels/exact_kernels.cc"
#include <hwy/foreach_target.h>

#include "engine/exact/kernels/exact_entry_points-inl.h"

namespace microgpt::exact::HWY_NAMESPACE {

extern const Kernels kKernels;
const Kernels kKernels{
    .product = product,
    .backward_product = backward_product,
    .target_row = target_row,
    .transpose = transpose,
    .weight_gradient = weight_gradient,
    .embedding = embedding,
    .embedding_backward = embedding_backward,
    .norm = norm,
    .norm_backward = norm_backward,
    .activation = activation,
    .activation_backward = activation_backward,
    .softmax_loss = softmax_loss,
    .softmax_loss_backward = softmax_loss_backward,
    .attention = attention,
    .attention_backward = attention_backward,
};

}  // namespace microgpt::exact::HWY_NAMESPACE

#if HWY_ONCE
#include <cassert>

#include "simd/target.h"

namespace microgpt::exact {

const Kernels& kernels_for(Target target) { MICROGPT_RETURN_KERNELS(target) }

}  // namespace microgpt::exact
#endif
