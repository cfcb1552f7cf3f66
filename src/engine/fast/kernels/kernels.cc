// SPDX-License-Identifier: MIT
// The table of kernels for each instruction set.
#include "engine/fast/kernels/kernels.h"

#include "simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fast/kernels/kernels.cc"
#include <hwy/foreach_target.h>

#include "engine/fast/kernels/entry_points-inl.h"

namespace microgpt::fast::HWY_NAMESPACE {

extern const Kernels kKernels;
const Kernels kKernels{
    .product = product,
    .transposed_product = transposed_product,
    .rms_norm = rms_norm,
    .rms_norm_backward = rms_norm_backward,
    .embedding = embedding,
    .embedding_backward = embedding_backward,
    .softmax = softmax,
    .attention = attention,
    .attention_backward = attention_backward,
    .attention_step = attention_step,
    .row_product = row_product,
    .row_scale = row_scale,
    .row_embedding = row_embedding,
    .draw_tokens = draw_tokens,
    .mix = mix,
    .dropout = dropout,
    .transpose = transpose_panels,
    .add = add_floats,
};

}  // namespace microgpt::fast::HWY_NAMESPACE

#if HWY_ONCE
#include <cassert>

#include "simd/target.h"

namespace microgpt::fast {

const Kernels& kernels_for(Target target) { MICROGPT_RETURN_KERNELS(target) }

}  // namespace microgpt::fast
#endif
