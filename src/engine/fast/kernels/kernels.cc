// Compiles the kernels for each instruction set and picks among them.
#include "engine/fast/kernels/kernels.h"

#include <algorithm>
#include <cstdlib>

#include "engine/fast/kernels/attention_room.h"

// SSE has no fused multiply-add, SVE no vectors of a fixed size.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fast/kernels/kernels.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "engine/fast/kernels/long_attention-inl.h"
#include "engine/fast/kernels/parameters-inl.h"
#include "engine/fast/kernels/product-inl.h"
#include "engine/fast/kernels/rows-inl.h"
#include "engine/fast/kernels/short_attention-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt::HWY_NAMESPACE {

void short_attention(const AttentionCall& call, const AttentionDocument& document, float* probabilities) {
  const std::size_t head_dim = call.n_embd / call.n_head;
  if (head_dim == 4) return short_attention_of<HeadShape::quarter>(call, document, probabilities);
  if (head_dim == 8) return short_attention_of<HeadShape::half>(call, document, probabilities);
  short_attention_of<HeadShape::whole>(call, document, probabilities);
}

void short_attention_backward(const AttentionBackwardCall& call, const AttentionDocument& document,
                              const float* probabilities) {
  const std::size_t head_dim = call.forward.n_embd / call.forward.n_head;
  if (head_dim == 4) return short_attention_backward_of<HeadShape::quarter>(call, document, probabilities);
  if (head_dim == 8) return short_attention_backward_of<HeadShape::half>(call, document, probabilities);
  short_attention_backward_of<HeadShape::whole>(call, document, probabilities);
}

void attention(const AttentionCall& call) {
  float* probabilities = call.probabilities;
  for (const AttentionDocument& document : call.documents) {
    if (is_short_attention(call.n_embd, call.n_head, document.size)) {
      short_attention(call, document, probabilities);
      probabilities += short_attention_room(call.n_head, document.first, document.size);
    } else {
      long_attention_of(call, document);
    }
  }
}

// Keys and values that several documents share, and those of a document itself, are sums over queries.
void clear_keys_and_values(const AttentionBackwardCall& call) {
  const std::size_t vectors = vectors_of(call.forward.n_embd);
  for (std::size_t v = vectors; v < 3 * vectors; ++v) {
    const Column<float> d = column(call.dqkv, v);
    for (std::size_t row = 0; row < call.rows; ++row) store(zero(), d[row]);
  }
}

void attention_backward(const AttentionBackwardCall& call) {
  clear_keys_and_values(call);
  const AttentionCall& forward = call.forward;
  const float* probabilities = forward.probabilities;
  for (const AttentionDocument& document : forward.documents) {
    if (is_short_attention(forward.n_embd, forward.n_head, document.size)) {
      short_attention_backward(call, document, probabilities);
      probabilities += short_attention_room(forward.n_head, document.first, document.size);
    } else {
      long_attention_backward_of(call, document);
    }
  }
}

// The functions of the table are not inlined into one another.
void call_product(const ProductCall& call) { product(call); }
void call_transposed_product(const TransposedProductCall& call) { transposed_product(call); }
void call_rms_norm(const RmsNormCall& call) { rms_norm(call); }
void call_rms_norm_backward(const RmsNormBackwardCall& call) { rms_norm_backward(call); }
void call_embedding(const EmbeddingCall& call) { embedding(call); }
void call_embedding_backward(const EmbeddingBackwardCall& call) { embedding_backward(call); }
void call_softmax(const SoftmaxCall& call) { softmax(call); }
void call_adam(const AdamCall& call) { adam(call); }
void call_transpose(const TransposeCall& call) { transpose_panels(call); }
void call_add(std::span<float> sum, std::span<const float> addend) { add_floats(sum, addend); }

extern const Kernels kKernels;
const Kernels kKernels{call_product,       call_transposed_product,
                       call_rms_norm,      call_rms_norm_backward,
                       call_embedding,     call_embedding_backward,
                       call_softmax,       attention,
                       attention_backward, call_adam,
                       call_transpose,     call_add};

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

std::size_t attention_room(std::size_t n_embd, std::size_t n_head, std::size_t first, std::size_t positions) {
  return is_short_attention(n_embd, n_head, positions) ? short_attention_room(n_head, first, positions) : 0;
}

std::size_t attention_scratch(std::size_t n_embd, std::size_t n_head, std::size_t positions) {
  return is_short_attention(n_embd, n_head, positions) ? (kLongestShortDocument / 4) * kVectorLanes
                                                       : long_attention_scratch(n_embd, n_head, positions);
}

}  // namespace microgpt
#endif
