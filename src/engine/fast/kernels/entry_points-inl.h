// SPDX-License-Identifier: MIT
// The functions of the table of kernels, in the namespace of each target.
#if defined(MICROGPT_ENTRY_POINTS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MICROGPT_ENTRY_POINTS_INL_H
#undef MICROGPT_ENTRY_POINTS_INL_H
#else
#define MICROGPT_ENTRY_POINTS_INL_H
#endif

#include <hwy/ops/set_macros-inl.h>

#include <span>

#include "engine/fast/kernels/kernels.h"

namespace microgpt::fast::HWY_NAMESPACE {

void product(const ProductCall& call);
void transposed_product(const TransposedProductCall& call);
void rms_norm(const RmsNormCall& call);
void rms_norm_backward(const RmsNormBackwardCall& call);
void embedding(const EmbeddingCall& call);
void embedding_backward(const EmbeddingBackwardCall& call);
void softmax(const SoftmaxCall& call);
void attention(const AttentionCall& call);
void attention_backward(const AttentionBackwardCall& call);
void attention_step(const AttentionStepCall& call);
void row_product(const RowProductCall& call);
void row_scale(const RowScaleCall& call);
void row_embedding(const RowEmbeddingCall& call);
bool draw_tokens(const DrawCall& call);
void mix(const MixCall& call);
void dropout(const DropoutCall& call);
void transpose_panels(const TransposeCall& call);
void add_floats(std::span<float> sum, std::span<const float> addend);

}  // namespace microgpt::fast::HWY_NAMESPACE

#endif  // MICROGPT_ENTRY_POINTS_INL_H
