// Attention over short documents: four heads and four keys share a vector.
//
// For one query the attention logits of heads h to h + 3 with keys t to t + 3 are one vector of 16, four lanes a head, so that
// the softmax of a document of seven positions needs few vectors. Serves heads in fours with 4, 8 or a multiple of 16 features;
// long_attention-inl.h serves the rest. See AttentionCall in kernels.h.
#if defined(MICROGPT_SHORT_ATTENTION_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MICROGPT_SHORT_ATTENTION_INL_H
#undef MICROGPT_SHORT_ATTENTION_INL_H
#else
#define MICROGPT_SHORT_ATTENTION_INL_H
#endif

#include <algorithm>
#include <cmath>

#include "engine/fast/kernels/kernels.h"
#include "engine/fast/kernels/lanes-inl.h"
#include "engine/fast/kernels/rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt::HWY_NAMESPACE {

inline constexpr std::size_t kQuad = 4;  // heads and keys that share a vector

// Operations on the four blocks of four lanes.
#if HWY_TARGET == HWY_SCALAR

template <typename Combine>
HWY_INLINE Lanes reduce_blocks_of(const Lanes* x) {
  const Combine combine;
  Lanes y;
  for (std::size_t b = 0; b < kLanes; b += kQuad)
    for (std::size_t j = 0; j < kQuad; ++j) {
      const Part* p = x[j].part + b;
      y.part[b + j] = Part(combine(combine(p[0].raw, p[2].raw), combine(p[1].raw, p[3].raw)));
    }
  return y;
}

template <typename Combine>
HWY_INLINE Lanes reduce_within_blocks(Lanes x) {
  const Combine combine;
  Lanes y;
  for (std::size_t b = 0; b < kLanes; b += kQuad) {
    const Part* p = x.part + b;
    const Part r(combine(combine(p[0].raw, p[2].raw), combine(p[1].raw, p[3].raw)));
    for (std::size_t j = 0; j < kQuad; ++j) y.part[b + j] = r;
  }
  return y;
}

template <int kLane>
HWY_INLINE Lanes broadcast_within_blocks(Lanes x) {
  Lanes y;
  for (std::size_t i = 0; i < kLanes; ++i) y.part[i] = x.part[i / kQuad * kQuad + kLane];
  return y;
}

// Block by block: a0 + a1, b0 + b1, a2 + a3, b2 + b3.
HWY_INLINE Lanes add_block_pairs(Lanes a, Lanes b) {
  Lanes y;
  for (std::size_t j = 0; j < kQuad; ++j) {
    y.part[j] = hn::Add(a.part[j], a.part[4 + j]);
    y.part[4 + j] = hn::Add(b.part[j], b.part[4 + j]);
    y.part[8 + j] = hn::Add(a.part[8 + j], a.part[12 + j]);
    y.part[12 + j] = hn::Add(b.part[8 + j], b.part[12 + j]);
  }
  return y;
}

HWY_INLINE Lanes copy_even_blocks(Lanes x) {
  for (std::size_t j = 0; j < kQuad; ++j) {
    x.part[4 + j] = x.part[j];
    x.part[12 + j] = x.part[8 + j];
  }
  return x;
}

HWY_INLINE Lanes copy_odd_blocks(Lanes x) {
  for (std::size_t j = 0; j < kQuad; ++j) {
    x.part[j] = x.part[4 + j];
    x.part[8 + j] = x.part[12 + j];
  }
  return x;
}

#else

template <typename Combine>
HWY_INLINE Lanes reduce_blocks_of(const Lanes* x) {
  Lanes y;
  LANES_UNROLL(16)
  for (std::size_t i = 0; i < kParts; ++i)
    y.part[i] = reduce_blocks<Combine>(x[0].part[i], x[1].part[i], x[2].part[i], x[3].part[i]);
  return y;
}

template <typename Combine>
HWY_INLINE Lanes reduce_within_blocks(Lanes x) {
  const Combine combine;
  LANES_UNROLL(16)
  for (std::size_t i = 0; i < kParts; ++i) {
    const Part halves = combine(x.part[i], hn::Shuffle1032(x.part[i]));
    x.part[i] = combine(halves, hn::Shuffle2301(halves));
  }
  return x;
}

template <int kLane>
HWY_INLINE Lanes broadcast_within_blocks(Lanes x) {
  LANES_UNROLL(16)
  for (std::size_t i = 0; i < kParts; ++i) x.part[i] = hn::Broadcast<kLane>(x.part[i]);
  return x;
}

HWY_INLINE Lanes add_block_pairs(Lanes a, Lanes b) {
  Lanes y;
  if constexpr (kParts == 4) {
    y.part[0] = hn::Add(a.part[0], a.part[1]);
    y.part[1] = hn::Add(b.part[0], b.part[1]);
    y.part[2] = hn::Add(a.part[2], a.part[3]);
    y.part[3] = hn::Add(b.part[2], b.part[3]);
  } else {
    LANES_UNROLL(16)
    for (std::size_t i = 0; i < kParts; ++i)
      y.part[i] = hn::Add(hn::OddEvenBlocks(hn::SwapAdjacentBlocks(b.part[i]), a.part[i]),
                          hn::OddEvenBlocks(b.part[i], hn::SwapAdjacentBlocks(a.part[i])));
  }
  return y;
}

HWY_INLINE Lanes copy_even_blocks(Lanes x) {
  if constexpr (kParts == 4) {
    x.part[1] = x.part[0];
    x.part[3] = x.part[2];
  } else {
    LANES_UNROLL(16)
    for (std::size_t i = 0; i < kParts; ++i) x.part[i] = hn::OddEvenBlocks(hn::SwapAdjacentBlocks(x.part[i]), x.part[i]);
  }
  return x;
}

HWY_INLINE Lanes copy_odd_blocks(Lanes x) {
  if constexpr (kParts == 4) {
    x.part[0] = x.part[1];
    x.part[2] = x.part[3];
  } else {
    LANES_UNROLL(16)
    for (std::size_t i = 0; i < kParts; ++i) x.part[i] = hn::OddEvenBlocks(x.part[i], hn::SwapAdjacentBlocks(x.part[i]));
  }
  return x;
}

#endif

// Where the features of four heads lie: head_dim 4 in one vector, 8 in two, a multiple of 16 in vectors of their own.
enum class HeadShape { quarter, half, whole };

// Vectors of the features of four heads. `per_head`: vectors a head, of `whole`.
template <HeadShape kShape>
HWY_INLINE std::size_t vectors_of_quad(std::size_t per_head) {
  return kShape == HeadShape::quarter ? 1 : kShape == HeadShape::half ? 2 : kQuad * per_head;
}

// A column of vectors: the same vector of every row.
template <typename T>
struct Column {
  T* data;
  std::size_t width;
  T* operator[](std::size_t row) const { return data + row * width; }
};

template <typename T>
HWY_INLINE Column<T> column(const PanelView<T>& panels, std::size_t vector) {
  return {panels.at(0, vector), panels.width};
}

// For each of four heads the dot products of its features in row `row` of a with those in four rows of b: a lane each, four
// lanes a head. The order of the heads is that of `expand`.
template <HeadShape kShape>
HWY_INLINE Lanes head_dots(const ConstPanels& a, std::size_t a_vector, std::size_t row, const ConstPanels& b,
                           std::size_t b_vector, const std::size_t* b_rows, std::size_t per_head) {
  if constexpr (kShape == HeadShape::whole) {
    Lanes products[kLanes];
    LANES_UNROLL(4)
    for (std::size_t h = 0; h < kQuad; ++h) {
      const Lanes x = load(a.at(row, a_vector + h * per_head));
      const Column<const float> y = column(b, b_vector + h * per_head);
      LANES_UNROLL(4)
      for (std::size_t t = 0; t < kQuad; ++t) products[kQuad * h + t] = mul(x, load(y[b_rows[t]]));
      for (std::size_t v = 1; v < per_head; ++v) {
        const Lanes x2 = load(a.at(row, a_vector + h * per_head + v));
        const Column<const float> y2 = column(b, b_vector + h * per_head + v);
        LANES_UNROLL(4)
        for (std::size_t t = 0; t < kQuad; ++t)
          products[kQuad * h + t] = mul_add(x2, load(y2[b_rows[t]]), products[kQuad * h + t]);
      }
    }
    return lane_sums(products);
  } else {
    Lanes sums[2];
    constexpr std::size_t kVectors = kShape == HeadShape::half ? 2 : 1;
    LANES_UNROLL(2)
    for (std::size_t v = 0; v < kVectors; ++v) {
      const Lanes x = load(a.at(row, a_vector + v));
      const Column<const float> y = column(b, b_vector + v);
      Lanes products[kQuad];
      LANES_UNROLL(4)
      for (std::size_t t = 0; t < kQuad; ++t) products[t] = mul(x, load(y[b_rows[t]]));
      sums[v] = reduce_blocks_of<Adding>(products);
    }
    return kShape == HeadShape::half ? add_block_pairs(sums[0], sums[1]) : sums[0];
  }
}

// From a weight for each of four heads and four keys: key kKey's weights of the heads whose features lie in vector
// `vector` of the four heads, at the lanes of those features.
template <HeadShape kShape, int kKey>
HWY_INLINE Lanes expand(const float* weights, std::size_t vector, std::size_t per_head) {
  if constexpr (kShape == HeadShape::quarter) return broadcast_within_blocks<kKey>(load(weights));
  if constexpr (kShape == HeadShape::half) {
    const Lanes w = load(weights);
    return broadcast_within_blocks<kKey>(vector == 0 ? copy_even_blocks(w) : copy_odd_blocks(w));
  }
  return broadcast(weights[kQuad * (vector / per_head) + kKey]);
}

// Added to attention logits of the last four keys of position t: the keys after it do not exist.
alignas(64) inline constexpr float kCausalMask[kQuad][kLanes] = {
    {0, -1e30F, -1e30F, -1e30F, 0, -1e30F, -1e30F, -1e30F, 0, -1e30F, -1e30F, -1e30F, 0, -1e30F, -1e30F, -1e30F},
    {0, 0, -1e30F, -1e30F, 0, 0, -1e30F, -1e30F, 0, 0, -1e30F, -1e30F, 0, 0, -1e30F, -1e30F},
    {0, 0, 0, -1e30F, 0, 0, 0, -1e30F, 0, 0, 0, -1e30F, 0, 0, 0, -1e30F},
    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}};

// The rows of keys 4 * group to 4 * group + 3 of position t; the last one again where they lie after it.
HWY_INLINE void key_rows(const AttentionDocument& document, std::size_t t, std::size_t group, std::size_t* rows) {
  LANES_UNROLL(4)
  for (std::size_t j = 0; j < kQuad; ++j) rows[j] = static_cast<std::size_t>(document.rows[std::min(kQuad * group + j, t)]);
}

struct QuadVectors {  // first vectors of four heads
  std::size_t q, k, v, out;
};

template <HeadShape kShape>
HWY_INLINE QuadVectors quad_vectors(const AttentionCall& call, std::size_t quad, std::size_t per_head) {
  const std::size_t first = quad * vectors_of_quad<kShape>(per_head);
  const std::size_t width = vectors_of(call.n_embd);
  return {first, width + first, 2 * width + first, first};
}

// The probabilities of one position and four heads: [t / 4 + 1][16].
template <HeadShape kShape>
HWY_INLINE void short_probabilities(const AttentionCall& call, const AttentionDocument& document, std::size_t t,
                                    const QuadVectors& at, std::size_t per_head, Lanes scale, float* probabilities) {
  const std::size_t groups = t / kQuad + 1;
  const auto row = static_cast<std::size_t>(document.rows[t]);
  std::size_t keys[kQuad];
  Lanes maximum = broadcast(kMinusInfinity);
  for (std::size_t g = 0; g < groups; ++g) {
    key_rows(document, t, g, keys);
    Lanes logits = mul(head_dots<kShape>(call.qkv, at.q, row, call.qkv, at.k, keys, per_head), scale);
    if (g + 1 == groups) logits = add(logits, load(kCausalMask[t % kQuad]));
    maximum = max(maximum, logits);
    store(logits, probabilities + g * kLanes);
  }
  maximum = reduce_within_blocks<Larger>(maximum);
  Lanes total = zero();
  for (std::size_t g = 0; g < groups; ++g) {
    const Lanes e = exp(sub(load(probabilities + g * kLanes), maximum));
    total = add(total, e);
    store(e, probabilities + g * kLanes);
  }
  const Lanes inverse = div(broadcast(1.0F), reduce_within_blocks<Adding>(total));
  for (std::size_t g = 0; g < groups; ++g) store(mul(load(probabilities + g * kLanes), inverse), probabilities + g * kLanes);
}

// sum += weights of up to four keys times their vectors.
template <HeadShape kShape>
HWY_INLINE Lanes weigh(const float* weights, const Column<const float>& values, const std::size_t* rows, std::size_t count,
                       std::size_t vector, std::size_t per_head, Lanes sum) {
  sum = mul_add(expand<kShape, 0>(weights, vector, per_head), load(values[rows[0]]), sum);
  if (count > 1) sum = mul_add(expand<kShape, 1>(weights, vector, per_head), load(values[rows[1]]), sum);
  if (count > 2) sum = mul_add(expand<kShape, 2>(weights, vector, per_head), load(values[rows[2]]), sum);
  if (count > 3) sum = mul_add(expand<kShape, 3>(weights, vector, per_head), load(values[rows[3]]), sum);
  return sum;
}

template <HeadShape kShape>
HWY_INLINE void short_attention_of(const AttentionCall& call, const AttentionDocument& document, float* probabilities) {
  const std::size_t head_dim = call.n_embd / call.n_head;
  const std::size_t per_head = head_dim / kLanes;
  const Lanes scale = broadcast(1.0F / std::sqrt(static_cast<float>(head_dim)));
  for (std::size_t quad = 0; quad < call.n_head / kQuad; ++quad) {
    const QuadVectors at = quad_vectors<kShape>(call, quad, per_head);
    for (std::size_t t = document.first; t < document.size; ++t) {
      short_probabilities<kShape>(call, document, t, at, per_head, scale, probabilities);
      const auto row = static_cast<std::size_t>(document.rows[t]);
      for (std::size_t vector = 0; vector < vectors_of_quad<kShape>(per_head); ++vector) {
        const Column<const float> values = column(call.qkv, at.v + vector);
        Lanes sum = zero();
        std::size_t keys[kQuad];
        for (std::size_t g = 0; g <= t / kQuad; ++g) {
          key_rows(document, t, g, keys);
          sum = weigh<kShape>(probabilities + g * kLanes, values, keys, t + 1 - kQuad * g, vector, per_head, sum);
        }
        store(sum, call.out.at(row, at.out + vector));
      }
      probabilities += (t / kQuad + 1) * kLanes;
    }
  }
}

// dk and dv of one key and one vector, and dq, from the gradient of its attention logit and its probability.
template <HeadShape kShape, int kKey>
HWY_INLINE Lanes key_backward(const float* dlogits, const float* probabilities, std::size_t vector, std::size_t per_head,
                              Lanes q, Lanes dout, const float* k, float* dk, float* dv, Lanes dq) {
  const Lanes dlogit = expand<kShape, kKey>(dlogits, vector, per_head);
  store(mul_add(dlogit, q, load(dk)), dk);
  store(mul_add(expand<kShape, kKey>(probabilities, vector, per_head), dout, load(dv)), dv);
  return mul_add(dlogit, load(k), dq);
}

template <HeadShape kShape>
HWY_INLINE void short_position_backward(const AttentionBackwardCall& call, const AttentionDocument& document, std::size_t t,
                                        const QuadVectors& at, std::size_t per_head, Lanes scale, const float* probabilities,
                                        float* dlogits) {
  const AttentionCall& forward = call.forward;
  const std::size_t groups = t / kQuad + 1;
  const auto row = static_cast<std::size_t>(document.rows[t]);
  std::size_t keys[kQuad];
  Lanes total = zero();
  for (std::size_t g = 0; g < groups; ++g) {
    key_rows(document, t, g, keys);
    const Lanes d = head_dots<kShape>(call.dout, at.out, row, forward.qkv, at.v, keys, per_head);
    total = mul_add(load(probabilities + g * kLanes), d, total);
    store(d, dlogits + g * kLanes);
  }
  total = reduce_within_blocks<Adding>(total);
  for (std::size_t g = 0; g < groups; ++g) {
    const Lanes d = sub(load(dlogits + g * kLanes), total);
    store(mul(mul(load(probabilities + g * kLanes), d), scale), dlogits + g * kLanes);
  }
  for (std::size_t vector = 0; vector < vectors_of_quad<kShape>(per_head); ++vector) {
    const Lanes q = load(forward.qkv.at(row, at.q + vector));
    const Lanes dout = load(call.dout.at(row, at.out + vector));
    const Column<const float> k = column(forward.qkv, at.k + vector);
    const Column<float> dk = column(call.dqkv, at.k + vector);
    const Column<float> dv = column(call.dqkv, at.v + vector);
    Lanes dq = zero();
    for (std::size_t g = 0; g < groups; ++g) {
      key_rows(document, t, g, keys);
      const float* d = dlogits + g * kLanes;
      const float* p = probabilities + g * kLanes;
      const std::size_t count = t + 1 - kQuad * g;
      dq = key_backward<kShape, 0>(d, p, vector, per_head, q, dout, k[keys[0]], dk[keys[0]], dv[keys[0]], dq);
      if (count > 1) dq = key_backward<kShape, 1>(d, p, vector, per_head, q, dout, k[keys[1]], dk[keys[1]], dv[keys[1]], dq);
      if (count > 2) dq = key_backward<kShape, 2>(d, p, vector, per_head, q, dout, k[keys[2]], dk[keys[2]], dv[keys[2]], dq);
      if (count > 3) dq = key_backward<kShape, 3>(d, p, vector, per_head, q, dout, k[keys[3]], dk[keys[3]], dv[keys[3]], dq);
    }
    store(dq, call.dqkv.at(row, at.q + vector));
  }
}

template <HeadShape kShape>
HWY_INLINE void short_attention_backward_of(const AttentionBackwardCall& call, const AttentionDocument& document,
                                            const float* probabilities) {
  const AttentionCall& forward = call.forward;
  const std::size_t head_dim = forward.n_embd / forward.n_head;
  const std::size_t per_head = head_dim / kLanes;
  const Lanes scale = broadcast(1.0F / std::sqrt(static_cast<float>(head_dim)));
  for (std::size_t quad = 0; quad < forward.n_head / kQuad; ++quad) {
    const QuadVectors at = quad_vectors<kShape>(forward, quad, per_head);
    for (std::size_t t = document.first; t < document.size; ++t) {
      short_position_backward<kShape>(call, document, t, at, per_head, scale, probabilities, forward.scratch);
      probabilities += (t / kQuad + 1) * kLanes;
    }
  }
}

}  // namespace microgpt::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // MICROGPT_SHORT_ATTENTION_INL_H
