// The table of kernels for each instruction set.
#include "engine/fast/kernels/kernels.h"

#include "engine/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fast/kernels/kernels.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "engine/fast/kernels/entry_points-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt::HWY_NAMESPACE {

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
    .dropout = dropout,
    .adam = adam,
    .transpose = transpose_panels,
    .add = add_floats,
    .sum_of_squares = sum_of_squares,
};

}  // namespace microgpt::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace microgpt {

std::span<const TargetKernels> compiled_kernels() {
  static constexpr TargetKernels kCompiled[] = {
#if HWY_TARGETS & HWY_AVX3
    {Target::avx512, HWY_AVX3, &N_AVX3::kKernels},
#endif
#if HWY_TARGETS & HWY_AVX2
    {Target::avx2, HWY_AVX2, &N_AVX2::kKernels},
#endif
#if HWY_TARGETS & HWY_NEON
    {Target::neon, HWY_NEON, &N_NEON::kKernels},
#endif
#if HWY_TARGETS & HWY_SCALAR
    {Target::scalar, HWY_SCALAR, &N_SCALAR::kKernels},
#endif
  };
  return kCompiled;
}

}  // namespace microgpt
#endif
