// SPDX-License-Identifier: MIT
// The functions of the table of kernels, in the namespace of each target.
#if defined(MICROGPT_EXACT_ENTRY_POINTS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MICROGPT_EXACT_ENTRY_POINTS_INL_H
#undef MICROGPT_EXACT_ENTRY_POINTS_INL_H
#else
#define MICROGPT_EXACT_ENTRY_POINTS_INL_H
#endif

#include <hwy/ops/set_macros-inl.h>

#include "engine/exact/kernels/exact_kernels.h"

namespace microgpt::exact::HWY_NAMESPACE {

void product(const ProductCall& call);
void backward_product(const BackwardProductCall& call);
void target_row(const TargetRowCall& call);
void transpose(const TransposeCall& call);
void weight_gradient(const WeightGradientCall& call);
void embedding(const EmbeddingCall& call);
void embedding_backward(const EmbeddingBackwardCall& call);
void norm(const NormCall& call);
void norm_backward(const NormBackwardCall& call);
void activation(const ActivationCall& call);
void activation_backward(const ActivationBackwardCall& call);
void softmax_loss(const SoftmaxLossCall& call);
void softmax_loss_backward(const SoftmaxLossBackwardCall& call);
void attention(const AttentionCall& call);
void attention_backward(const AttentionBackwardCall& call);

}  // namespace microgpt::exact::HWY_NAMESPACE

#endif  // MICROGPT_EXACT_ENTRY_POINTS_INL_H
