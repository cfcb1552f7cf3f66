// Attention and its gradient, document by document; see AttentionCall in kernels.h.
#include "engine/fast/kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fast/kernels/attention.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "engine/fast/kernels/attention_room.h"
#include "engine/fast/kernels/entry_points-inl.h"
#include "engine/fast/kernels/lanes-inl.h"
#include "engine/fast/kernels/long_attention-inl.h"
#include "engine/fast/kernels/short_attention-inl.h"
#include "engine/fast/kernels/step_attention-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt::HWY_NAMESPACE {

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

void attention_step(const AttentionStepCall& call) { step_attention(call); }

// Keys and values that several documents share, and those of a document itself, are sums over queries.
void clear_keys_and_values(const AttentionBackwardCall& call) {
  const std::size_t vectors = vectors_of(call.forward.n_embd);
  for (std::size_t v = vectors; v < 3 * vectors; ++v) {
    const Column<float> d = column(call.dqkv, 0, v);
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

}  // namespace microgpt::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace microgpt {

std::size_t attention_room(std::size_t n_embd, std::size_t n_head, std::size_t first, std::size_t positions) {
  return is_short_attention(n_embd, n_head, positions) ? short_attention_room(n_head, first, positions) : 0;
}

std::size_t attention_scratch(std::size_t n_embd, std::size_t n_head, std::size_t positions) {
  const std::size_t for_short = heads_share_vectors(n_embd, n_head) ? short_attention_scratch(n_embd, n_head) : 0;
  const std::size_t for_long =
      is_short_attention(n_embd, n_head, positions) ? 0 : long_attention_scratch(n_embd, n_head, positions);
  return std::max(for_short, for_long);
}

}  // namespace microgpt
#endif
