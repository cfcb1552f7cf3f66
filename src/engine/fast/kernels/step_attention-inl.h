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

#include "engine/fast/kernels/attention_room.h"
#include "engine/fast/kernels/entry_points-inl.h"
#include "engine/fast/kernels/lanes-inl.h"
#include "engine/fast/kernels/short_attention-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt::HWY_NAMESPACE {

struct StepCache {
  Gathered keys, values;
};

LANES_INLINE StepCache cache_of(const AttentionStepCall& call, std::size_t stream) {
  const std::size_t vectors = vectors_of(call.n_embd);
  const std::size_t room = attention_cache_room(call.block_size);
  const Gathered keys{call.cache + stream * attention_cache_size(call.n_embd, call.block_size), room};
  return {keys, {keys.at(vectors, 0), room}};
}

// Puts the new position's key and value into the cache, and 0 after it up to a multiple of four.
LANES_INLINE void append_to_cache(const AttentionStepCall& call, std::size_t stream, std::size_t t, const StepCache& cache) {
  const std::size_t vectors = vectors_of(call.n_embd);
  for (std::size_t v = 0; v < vectors; ++v) {
    store(load(call.qkv.at(stream, vectors + v)), cache.keys.at(v, t));
    store(load(call.qkv.at(stream, 2 * vectors + v)), cache.values.at(v, t));
    if (t % kQuad == 0)
      for (std::size_t j = 1; j < kQuad; ++j) {
        store(zero(), cache.keys.at(v, t + j));
        store(zero(), cache.values.at(v, t + j));
      }
  }
}

// Heads in fours that share vectors. Stage by stage for all documents, as a single one's stages depend on one another.
template <std::size_t kHeadDim>
struct StepInQuads {
  const AttentionStepCall& call;
  std::size_t first_vector;
  std::size_t logits_stride = attention_cache_room(call.block_size) / kQuad * kLanes;

  AttentionDocument document(std::size_t stream) const {
    const auto t = static_cast<std::size_t>(call.positions[stream]);
    return {nullptr, t, t + 1};
  }
  float* logits(std::size_t stream) const { return call.scratch + stream * logits_stride; }
  Gathered of_quad(const Gathered& all) const { return {all.at(first_vector, 0), all.room}; }

  LANES_INLINE void compute() const {
    const Lanes scale = broadcast(1.0F / std::sqrt(static_cast<float>(kHeadDim)));
    const std::size_t streams = call.positions.size();
    for (std::size_t i = 0; i < streams; ++i)
      compute_logits<kHeadDim>(call.qkv, document(i), i, first_vector, of_quad(cache_of(call, i).keys), scale, logits(i));
    for (std::size_t i = 0; i < streams; ++i) normalize_logits(document(i), logits(i));
    for (std::size_t i = 0; i < streams; ++i) weigh_values<0>(i, of_quad(cache_of(call, i).values));
  }

  template <std::size_t kVector>
  LANES_INLINE void weigh_values(std::size_t stream, const Gathered& values) const {
    weigh_keys<kHeadDim, kVector>(document(stream), logits(stream), values, column(call.out, stream, first_vector + kVector));
    if constexpr (kVector + 1 < kQuadVectors<kHeadDim>) weigh_values<kVector + 1>(stream, values);
  }
};

template <std::size_t kHeadDim>
HWY_NOINLINE void step_in_quads(const AttentionStepCall& call) {
  for (std::size_t first = 0; first < vectors_of(call.n_embd); first += kQuadVectors<kHeadDim>)
    StepInQuads<kHeadDim>{call, first}.compute();
}

// The features [begin, end) that lie in a vector; 0 in its other lanes.
LANES_INLINE Lanes only_features(Lanes x, std::size_t vector, std::size_t begin, std::size_t end) {
  const std::size_t first = vector * kLanes;
  const Lanes before_end = first_lanes(x, end - first, zero());
  return begin <= first ? before_end : first_lanes(zero(), begin - first, before_end);
}

// The probabilities of one head's keys: [t + 1].
LANES_INLINE void step_probabilities(const AttentionStepCall& call, std::size_t stream, std::size_t t, std::size_t begin,
                                     std::size_t end, const Gathered& keys) {
  const float scale = 1.0F / std::sqrt(static_cast<float>(end - begin));
  float* const logits = call.scratch;
  for (std::size_t i = 0; i <= t; ++i) {
    Lanes sum = zero();
    for (std::size_t v = begin / kLanes; v < vectors_of(end); ++v)
      sum = mul_add(only_features(load(call.qkv.at(stream, v)), v, begin, end), load(keys.at(v, i)), sum);
    alignas(64) float total[kLanes];
    store(broadcast_sum(sum), total);
    logits[i] = total[0] * scale;
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
HWY_NOINLINE inline void step_head_by_head(const AttentionStepCall& call, std::size_t stream, const StepCache& cache) {
  const auto t = static_cast<std::size_t>(call.positions[stream]);
  const std::size_t head_dim = call.n_embd / call.n_head;
  for (std::size_t v = 0; v < vectors_of(call.n_embd); ++v) store(zero(), call.out.at(stream, v));
  for (std::size_t begin = 0; begin < call.n_embd; begin += head_dim) {
    const std::size_t end = begin + head_dim;
    step_probabilities(call, stream, t, begin, end, cache.keys);
    for (std::size_t v = begin / kLanes; v < vectors_of(end); ++v) {
      Lanes sum = zero();
      for (std::size_t i = 0; i <= t; ++i) sum = mul_add(broadcast(call.scratch[i]), load(cache.values.at(v, i)), sum);
      add_to(call.out.at(stream, v), only_features(sum, v, begin, end));
    }
  }
}

LANES_INLINE void step_attention(const AttentionStepCall& call) {
  const std::size_t streams = call.positions.size();
  for (std::size_t i = 0; i < streams; ++i)
    append_to_cache(call, i, static_cast<std::size_t>(call.positions[i]), cache_of(call, i));
  if (!heads_share_vectors(call.n_embd, call.n_head)) {
    for (std::size_t i = 0; i < streams; ++i) step_head_by_head(call, i, cache_of(call, i));
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

}  // namespace microgpt::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // MICROGPT_STEP_ATTENTION_INL_H
