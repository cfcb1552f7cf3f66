// SPDX-License-Identifier: MIT
// Attention and its gradient, document by document; see AttentionCall in kernels.h.
#include "simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fast/kernels/attention.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "engine/fast/kernels/attention_sizes.h"
#include "engine/fast/kernels/entry_points-inl.h"
#include "engine/fast/kernels/long_attention-inl.h"
#include "engine/fast/kernels/short_attention-inl.h"
#include "engine/fast/kernels/step_attention-inl.h"
#include "simd/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt::fast::HWY_NAMESPACE {

using namespace lanes::HWY_NAMESPACE;

void attention(const AttentionCall& call) {
  float* probabilities = call.probabilities;
  for (const AttentionDocument& document : call.documents) {
    const auto [for_short, for_long] = attention_parts(call.n_embd, call.n_head, document);
    if (!is_empty(for_short)) {
      short_attention(call, for_short, probabilities);
      probabilities += short_attention_probabilities_size(call.n_head, for_short.first, for_short.size);
    }
    if (!is_empty(for_long)) long_attention_of(call, for_long);
  }
}

void attention_step(const AttentionStepCall& call) { step_attention(call); }

// The gradients of the document's own keys and values are sums over its queries and those of later documents that share them.
LANES_INLINE void clear_keys_and_values(const AttentionBackwardCall& call, const AttentionDocument& document) {
  const AttentionCall& forward = call.forward;
  const std::size_t vectors = vectors_of(forward.n_embd);
  const std::size_t head_dim = forward.n_embd / forward.n_head;
  const std::size_t end = vectors_of(forward.head_end * head_dim);
  const auto row = static_cast<std::size_t>(document.rows[document.first]);
  for (std::size_t v = forward.head_begin * head_dim / kLanes; v < end; ++v)
    for (const std::size_t matrix : {std::size_t{1}, std::size_t{2}}) {
      float* d = call.dqkv.at(row, matrix * vectors + v);
      for (std::size_t t = document.first; t < document.size; ++t, d += call.dqkv.width) store(zero(), d);
    }
}

void attention_backward(const AttentionBackwardCall& call) {
  const AttentionCall& forward = call.forward;
  const float* probabilities = forward.probabilities;
  for (const AttentionDocument& document : forward.documents) {
    clear_keys_and_values(call, document);
    const auto [for_short, for_long] = attention_parts(forward.n_embd, forward.n_head, document);
    if (!is_empty(for_short)) {
      short_attention_backward(call, for_short, probabilities);
      probabilities += short_attention_probabilities_size(forward.n_head, for_short.first, for_short.size);
    }
    if (!is_empty(for_long)) long_attention_backward_of(call, for_long);
  }
}

}  // namespace microgpt::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace microgpt::fast {

std::size_t attention_probabilities_size(std::size_t n_embd, std::size_t n_head, std::size_t first, std::size_t positions) {
  const AttentionDocument for_short = attention_parts(n_embd, n_head, {nullptr, first, positions}).for_short;
  return is_empty(for_short) ? 0 : short_attention_probabilities_size(n_head, for_short.first, for_short.size);
}

AttentionCuts attention_cuts(std::size_t n_embd, std::size_t n_head, std::span<const AttentionDocument> documents) {
  bool share = false, are_short = true, end_with_padding = true;
  for (const AttentionDocument& document : documents) {
    share = share || document.first > 0;
    are_short = are_short && is_empty(attention_parts(n_embd, n_head, document).for_long);
    end_with_padding = end_with_padding && document.size % kRowPadding == 0;
  }
  const std::size_t heads_per_cut = heads_share_vectors(n_embd, n_head) ? 4 : 1;
  const bool heads = are_short || (!share && heads_are_panels(n_embd, n_head));
  return {heads ? heads_per_cut : n_head, !share && end_with_padding};
}

std::size_t attention_scratch(std::size_t n_embd, std::size_t n_head, std::size_t positions) {
  const bool has_long = !is_empty(attention_parts(n_embd, n_head, {nullptr, 0, positions}).for_long);
  const std::size_t for_short = heads_share_vectors(n_embd, n_head) ? short_attention_scratch(n_embd, n_head) : 0;
  return std::max(for_short, has_long ? long_attention_scratch(n_embd, n_head, positions, false) : 0);
}

std::size_t attention_scratch(std::size_t n_embd, std::size_t n_head, std::span<const AttentionDocument> documents) {
  std::size_t most = attention_scratch(n_embd, n_head, std::size_t{0});
  for (const AttentionDocument& document : documents) {
    const AttentionDocument for_long = attention_parts(n_embd, n_head, document).for_long;
    if (is_empty(for_long)) continue;
    const bool in_place = can_work_in_place(n_embd, n_head, for_long);
    most = std::max(most, long_attention_scratch(n_embd, n_head, for_long.size, in_place));
  }
  return most;
}

}  // namespace microgpt::fast
#endif
