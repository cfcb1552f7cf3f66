// SPDX-License-Identifier: MIT
// Attention of one new position for each of many documents, whose keys and values so far are in a cache; see
// AttentionStepCall in kernels.h.
#if defined(MICROGPT_STEP_ATTENTION_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MICROGPT_STEP_ATTENTION_INL_H
#undef MICROGPT_STEP_ATTENTION_INL_H
#else
#define MICROGPT_STEP_ATTENTION_INL_H
#endif

#include <algorithm>
#include <cmath>

#include "engine/fast/kernels/attention_sizes.h"
#include "engine/fast/kernels/entry_points-inl.h"
#include "engine/fast/kernels/short_attention-inl.h"
#include "engine/fast/kernels/softmax_parts-inl.h"
#include "simd/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt::fast::HWY_NAMESPACE {

using namespace lanes::HWY_NAMESPACE;

struct StepCache {
  Gathered keys, values;
};

LANES_INLINE StepCache cache_of(const AttentionStepCall& call, std::size_t stream) {
  const std::size_t vectors = vectors_of(call.n_embd);
  const std::size_t capacity = attention_cache_positions(call.block_size);
  const Gathered keys{call.cache + stream * attention_cache_size(call.n_embd, call.block_size), capacity};
  return {keys, {keys.at(vectors, 0), capacity}};
}

LANES_INLINE const float* qkv_of(const AttentionStepCall& call, std::size_t stream) {
  return call.qkv + stream * 3 * round_up_to_vector(call.n_embd);
}

LANES_INLINE void append_to_cache(const AttentionStepCall& call, const float* qkv, std::size_t t, const StepCache& cache) {
  const std::size_t vectors = vectors_of(call.n_embd);
  for (std::size_t v = 0; v < vectors; ++v) {
    store(load(qkv + (vectors + v) * kLanes), cache.keys.at(v, t));
    store(load(qkv + (2 * vectors + v) * kLanes), cache.values.at(v, t));
  }
}

// Four heads that share vectors, at position t of one document. Their logits need not wait for the largest one, as almost
// always none of them is so large that its exponential would not do as it is.
template <std::size_t kHeadDim>
struct StepInQuads {
  const float* q;  // of these heads, as keys and values
  Gathered keys, values;
  float* out;
  std::size_t t;

  // Where there are few groups of keys and heads share vectors, the weights stay in registers. (Sixteen numbers would not, and
  // g++ 12 takes parts of such an array for one another.)
  LANES_INLINE void attend(float* scratch) const {
    if constexpr (HWY_TARGET != HWY_SCALAR && kHeadDim < kLanes) {
      switch (key_groups(t)) {
        case 1:
          return attend_groups<1>();
        case 2:
          return attend_groups<2>();
        case 3:
          return attend_groups<3>();
        case 4:
          return attend_groups<4>();
      }
    }
    compute<0>(key_groups(t), scratch);
  }

  template <std::size_t kGroups>
  LANES_INLINE void attend_groups() const {
    alignas(64) float weights[kGroups * kLanes];
    compute<kGroups>(kGroups, weights);
  }

  // kGroups: of keys, or 0 where only the call knows.
  template <std::size_t kGroups>
  LANES_INLINE void compute(std::size_t groups, float* weights) const {
    bool fits = true;
    Lanes total = zero();
    for_each_logits<kGroups>(groups, [&](std::size_t g, Lanes logits) HWY_ATTR {
      fits = fits && all_not_greater(logits, broadcast(kMaxUnshifted));
      const Lanes e = exp(logits);
      total = add(total, e);
      store(e, weights + g * kLanes);
    });
    total = reduce_within_blocks<Adding>(total);
    if (!fits || !all_not_greater(broadcast(kMinTotal), total)) total = shifted_weights(*this, groups, weights);
    alignas(64) float inverse[kLanes];
    store(div(broadcast(1.0F), total), inverse);
    for_each_vector<kHeadDim>([&](std::size_t v, auto odd) HWY_ATTR {
      weigh_values<kGroups, odd>(groups, weights_of<kHeadDim>(weights, v), weights_of<kHeadDim>(inverse, v), v);
    });
  }

  LANES_INLINE Lanes logits_of(const Lanes* x, std::size_t g, std::size_t groups) const {
    const Lanes scale = broadcast(1.0F / std::sqrt(static_cast<float>(kHeadDim)));
    const Lanes logits = mul(head_dots<kHeadDim>(x, keys, kQuad * g), scale);
    return g + 1 == groups ? add(logits, load(kCausalMask[t % kQuad])) : logits;
  }

  // Calls use(g, logits) for each group of keys.
  template <std::size_t kGroups, typename Use>
  LANES_INLINE void for_each_logits(std::size_t groups, const Use& use) const {
    Lanes x[kQuadVectors<kHeadDim>];
    LANES_UNROLL(16)
    for (std::size_t v = 0; v < kQuadVectors<kHeadDim>; ++v) x[v] = load(q + v * kLanes);
    if constexpr (kGroups > 0) {
      LANES_UNROLL(4)
      for (std::size_t g = 0; g < kGroups; ++g) use(g, logits_of(x, g, kGroups));
    } else {
      HWY_UNROLL(1)
      for (std::size_t g = 0; g < groups; ++g) use(g, logits_of(x, g, groups));
    }
  }

  // The weights where the logits are large: e to the power of their differences to each head's largest.
  static LANES_COLD Lanes shifted_weights(const StepInQuads& quad, std::size_t groups, float* weights) {
    Lanes maximum = broadcast(kMinusInfinity);
    quad.template for_each_logits<0>(groups, [&](std::size_t g, Lanes logits) HWY_ATTR {
      maximum = max(maximum, logits);
      store(logits, weights + g * kLanes);
    });
    maximum = reduce_within_blocks<Larger>(maximum);
    Lanes total = zero();
    for (std::size_t g = 0; g < groups; ++g) {
      const Lanes e = exp(sub(load(weights + g * kLanes), maximum));
      total = add(total, e);
      store(e, weights + g * kLanes);
    }
    return reduce_within_blocks<Adding>(total);
  }

  struct Sums {
    Lanes even, odd;  // over the keys of a group
  };

  template <bool kOdd>
  LANES_INLINE static void weigh_group(const float* weights, const float* v, Sums& sums) {
    sums.even = mul_add(expand<kHeadDim, kOdd, 0>(weights), load(v), sums.even);
    sums.odd = mul_add(expand<kHeadDim, kOdd, 1>(weights), load(v + kLanes), sums.odd);
    sums.even = mul_add(expand<kHeadDim, kOdd, 2>(weights), load(v + 2 * kLanes), sums.even);
    sums.odd = mul_add(expand<kHeadDim, kOdd, 3>(weights), load(v + 3 * kLanes), sums.odd);
  }

  // The sum before it is divided by the weights' total, so that the division need not be waited for.
  template <std::size_t kGroups, bool kOdd>
  LANES_INLINE void weigh_values(std::size_t groups, const float* weights, const float* inverse, std::size_t vector) const {
    Sums sums{zero(), zero()};
    const float* const v = values.at(vector, 0);
    if constexpr (kGroups > 0) {
      LANES_UNROLL(4)
      for (std::size_t g = 0; g < kGroups; ++g) weigh_group<kOdd>(weights + g * kLanes, v + g * kQuad * kLanes, sums);
    } else {
      HWY_UNROLL(1)
      for (std::size_t g = 0; g < groups; ++g) weigh_group<kOdd>(weights + g * kLanes, v + g * kQuad * kLanes, sums);
    }
    store(mul(add(sums.even, sums.odd), expand<kHeadDim, kOdd, 0>(inverse)), out + vector * kLanes);
  }
};

template <std::size_t kHeadDim>
HWY_NOINLINE void step_in_quads(const AttentionStepCall& call) {
  const std::size_t vectors = vectors_of(call.n_embd);
  for (std::size_t i = 0; i < call.positions.size(); ++i) {
    const auto t = static_cast<std::size_t>(call.positions[i]);
    const StepCache cache = cache_of(call, i);
    const float* const qkv = qkv_of(call, i);
    append_to_cache(call, qkv, t, cache);
    for (std::size_t v = 0; v < vectors; v += kQuadVectors<kHeadDim>) {
      const StepInQuads<kHeadDim> quad{qkv + v * kLanes,
                                       {cache.keys.at(v, 0), cache.keys.capacity},
                                       {cache.values.at(v, 0), cache.values.capacity},
                                       call.out + (i * vectors + v) * kLanes,
                                       t};
      quad.attend(call.scratch);
    }
  }
}

// The features [begin, end) that lie in a vector; 0 in its other lanes.
LANES_INLINE Lanes only_features(Lanes x, std::size_t vector, std::size_t begin, std::size_t end) {
  const std::size_t first = vector * kLanes;
  const Lanes before_end = first_lanes(x, end - first, zero());
  return begin <= first ? before_end : first_lanes(zero(), begin - first, before_end);
}

// The probabilities of one head's keys, to the scratch: [t + 1].
LANES_INLINE void step_probabilities(const AttentionStepCall& call, const float* q, std::size_t t, std::size_t begin,
                                     std::size_t end, const Gathered& keys) {
  const float scale = 1.0F / std::sqrt(static_cast<float>(end - begin));
  float* const logits = call.scratch;
  for (std::size_t i = 0; i <= t; ++i) {
    Lanes sum = zero();
    for (std::size_t v = begin / kLanes; v < vectors_of(end); ++v)
      sum = mul_add(only_features(load(q + v * kLanes), v, begin, end), load(keys.at(v, i)), sum);
    logits[i] = first_lane(broadcast_sum(sum)) * scale;
  }
  Lanes maximum = broadcast(kMinusInfinity);
  for (std::size_t i = 0; i <= t; i += kLanes) {
    store(first_lanes(load(logits + i), t + 1 - i, broadcast(kMinusInfinity)), logits + i);
    maximum = max(maximum, load(logits + i));
  }
  maximum = broadcast_maximum(maximum);
  Lanes total = zero();
  for (std::size_t i = 0; i <= t; i += kLanes) {
    const Lanes e = exp(sub(load(logits + i), maximum));
    total = add(total, e);
    store(e, logits + i);
  }
  const Lanes inverse = div(broadcast(1.0F), broadcast_sum(total));
  for (std::size_t i = 0; i <= t; i += kLanes) store(mul(load(logits + i), inverse), logits + i);
}

// Heads of any number and size, one at a time.
HWY_NOINLINE inline void step_head_by_head(const AttentionStepCall& call, std::size_t stream) {
  const auto t = static_cast<std::size_t>(call.positions[stream]);
  const StepCache cache = cache_of(call, stream);
  const float* const qkv = qkv_of(call, stream);
  append_to_cache(call, qkv, t, cache);
  const std::size_t head_dim = call.n_embd / call.n_head;
  float* const out = call.out + stream * round_up_to_vector(call.n_embd);
  for (std::size_t v = 0; v < vectors_of(call.n_embd); ++v) store(zero(), out + v * kLanes);
  for (std::size_t begin = 0; begin < call.n_embd; begin += head_dim) {
    const std::size_t end = begin + head_dim;
    step_probabilities(call, qkv, t, begin, end, cache.keys);
    for (std::size_t v = begin / kLanes; v < vectors_of(end); ++v) {
      Lanes sum = zero();
      for (std::size_t i = 0; i <= t; ++i) sum = mul_add(broadcast(call.scratch[i]), load(cache.values.at(v, i)), sum);
      add_to(out + v * kLanes, only_features(sum, v, begin, end));
    }
  }
}

LANES_INLINE void step_attention(const AttentionStepCall& call) {
  if (!heads_share_vectors(call.n_embd, call.n_head)) {
    for (std::size_t i = 0; i < call.positions.size(); ++i) step_head_by_head(call, i);
    return;
  }
  switch (call.n_embd / call.n_head) {
    case 4:
      return step_in_quads<4>(call);
    case 8:
      return step_in_quads<8>(call);
    case 16:
      return step_in_quads<16>(call);
    default:
      return step_in_quads<32>(call);
  }
}

}  // namespace microgpt::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // MICROGPT_STEP_ATTENTION_INL_H
