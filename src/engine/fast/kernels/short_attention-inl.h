// Attention of the first positions of documents: four heads and four keys share a vector.
//
// For one query the attention logits of heads h to h + 3 with keys t to t + 3 are one vector of 16, four lanes a head, so that
// the softmax of a document of seven positions needs few vectors. Serves heads in fours with 4, 8, 16 or 32 features;
// long_attention-inl.h serves the rest. See AttentionCall in kernels.h.
#if defined(MICROGPT_SHORT_ATTENTION_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MICROGPT_SHORT_ATTENTION_INL_H
#undef MICROGPT_SHORT_ATTENTION_INL_H
#else
#define MICROGPT_SHORT_ATTENTION_INL_H
#endif

#include <algorithm>
#include <cmath>

#include "engine/fast/kernels/attention_room.h"
#include "engine/fast/kernels/entry_points-inl.h"
#include "engine/fast/kernels/lane_math-inl.h"
#include "engine/fast/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt::HWY_NAMESPACE {

inline constexpr std::size_t kQuad = 4;  // heads and keys that share a vector

// Operations on the four blocks of four lanes.
#if HWY_TARGET == HWY_SCALAR

template <typename Combine>
LANES_INLINE Lanes reduce_blocks_of(const Lanes* x) {
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
LANES_INLINE Lanes reduce_within_blocks(Lanes x) {
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
LANES_INLINE Lanes broadcast_within_blocks(Lanes x) {
  Lanes y;
  for (std::size_t i = 0; i < kLanes; ++i) y.part[i] = x.part[i / kQuad * kQuad + kLane];
  return y;
}

// Block by block: a0 + a1, b0 + b1, a2 + a3, b2 + b3.
LANES_INLINE Lanes add_block_pairs(Lanes a, Lanes b) {
  Lanes y;
  for (std::size_t j = 0; j < kQuad; ++j) {
    y.part[j] = hn::Add(a.part[j], a.part[4 + j]);
    y.part[4 + j] = hn::Add(b.part[j], b.part[4 + j]);
    y.part[8 + j] = hn::Add(a.part[8 + j], a.part[12 + j]);
    y.part[12 + j] = hn::Add(b.part[8 + j], b.part[12 + j]);
  }
  return y;
}

LANES_INLINE Lanes copy_even_blocks(Lanes x) {
  for (std::size_t j = 0; j < kQuad; ++j) {
    x.part[4 + j] = x.part[j];
    x.part[12 + j] = x.part[8 + j];
  }
  return x;
}

LANES_INLINE Lanes copy_odd_blocks(Lanes x) {
  for (std::size_t j = 0; j < kQuad; ++j) {
    x.part[j] = x.part[4 + j];
    x.part[8 + j] = x.part[12 + j];
  }
  return x;
}

#else

template <typename Combine>
LANES_INLINE Lanes reduce_blocks_of(const Lanes* x) {
  Lanes y;
  LANES_UNROLL(16)
  for (std::size_t i = 0; i < kParts; ++i)
    y.part[i] = reduce_blocks<Combine>(x[0].part[i], x[1].part[i], x[2].part[i], x[3].part[i]);
  return y;
}

template <typename Combine>
LANES_INLINE Lanes reduce_within_blocks(Lanes x) {
  const Combine combine;
  LANES_UNROLL(16)
  for (std::size_t i = 0; i < kParts; ++i) {
    const Part halves = combine(x.part[i], hn::Shuffle1032(x.part[i]));
    x.part[i] = combine(halves, hn::Shuffle2301(halves));
  }
  return x;
}

template <int kLane>
LANES_INLINE Lanes broadcast_within_blocks(Lanes x) {
  LANES_UNROLL(16)
  for (std::size_t i = 0; i < kParts; ++i) x.part[i] = hn::Broadcast<kLane>(x.part[i]);
  return x;
}

LANES_INLINE Lanes add_block_pairs(Lanes a, Lanes b) {
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

LANES_INLINE Lanes copy_even_blocks(Lanes x) {
  if constexpr (kParts == 4) {
    x.part[1] = x.part[0];
    x.part[3] = x.part[2];
  } else {
    LANES_UNROLL(16)
    for (std::size_t i = 0; i < kParts; ++i) x.part[i] = hn::OddEvenBlocks(hn::SwapAdjacentBlocks(x.part[i]), x.part[i]);
  }
  return x;
}

LANES_INLINE Lanes copy_odd_blocks(Lanes x) {
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

// The features of four heads of kHeadDim features each are kQuadVectors vectors: one of all four heads, two of two heads each,
// or some of each head alone.
template <std::size_t kHeadDim>
inline constexpr std::size_t kQuadVectors = kQuad* kHeadDim / kLanes;

// A vector of many rows.
template <typename T>
struct Column {
  T* data;
  std::size_t width;
  T* operator[](std::size_t row) const { return data + row * width; }
};

template <typename T>
LANES_INLINE Column<T> column(const PanelView<T>& panels, std::size_t row, std::size_t vector) {
  return {panels.at(row, vector), panels.width};
}

// The keys or values of a document's positions for four heads, copied from their rows: [vector][room][16]. The positions after
// the last one up to a multiple of four are 0.
struct Gathered {
  float* data;
  std::size_t room;
  float* at(std::size_t vector, std::size_t position) const { return data + (vector * room + position) * kLanes; }
};

LANES_INLINE void gather(const ConstPanels& from, std::size_t first_vector, std::size_t vectors,
                         const AttentionDocument& document, const Gathered& to) {
  for (std::size_t v = 0; v < vectors; ++v) {
    const Column<const float> x = column(from, 0, first_vector + v);
    float* y = to.at(v, 0);
    for (std::size_t t = 0; t < document.size; ++t, y += kLanes) store(load(x[static_cast<std::size_t>(document.rows[t])]), y);
    for (std::size_t t = document.size; t % kQuad != 0; ++t, y += kLanes) store(zero(), y);
  }
}

// For each of four heads the dot products of its features in x with those of four positions: a lane each, four lanes a head.
// The order of the heads is that of expand().
template <std::size_t kHeadDim>
LANES_INLINE Lanes head_dots(const Lanes* x, const Gathered& y, std::size_t position) {
  if constexpr (kHeadDim >= kLanes) {
    constexpr std::size_t kPerHead = kHeadDim / kLanes;
    Lanes products[kLanes];
    LANES_UNROLL(4)
    for (std::size_t h = 0; h < kQuad; ++h) {
      LANES_UNROLL(4)
      for (std::size_t t = 0; t < kQuad; ++t)
        products[kQuad * h + t] = mul(x[h * kPerHead], load(y.at(h * kPerHead, position + t)));
      LANES_UNROLL(4)
      for (std::size_t v = 1; v < kPerHead; ++v) {
        LANES_UNROLL(4)
        for (std::size_t t = 0; t < kQuad; ++t)
          products[kQuad * h + t] =
              mul_add(x[h * kPerHead + v], load(y.at(h * kPerHead + v, position + t)), products[kQuad * h + t]);
      }
    }
    return lane_sums(products);
  } else {
    Lanes sums[2];
    LANES_UNROLL(2)
    for (std::size_t v = 0; v < kQuadVectors<kHeadDim>; ++v) {
      Lanes products[kQuad];
      LANES_UNROLL(4)
      for (std::size_t t = 0; t < kQuad; ++t) products[t] = mul(x[v], load(y.at(v, position + t)));
      sums[v] = reduce_blocks_of<Adding>(products);
    }
    return kHeadDim == 8 ? add_block_pairs(sums[0], sums[1]) : sums[0];
  }
}

// From a weight for each of four heads and four keys: key kKey's weights of the heads whose features lie in vector kVector of
// the four heads, at the lanes of those features.
template <std::size_t kHeadDim, std::size_t kVector, int kKey>
LANES_INLINE Lanes expand(const float* weights) {
  if constexpr (kHeadDim >= kLanes) return broadcast(weights[kQuad * (kVector * kLanes / kHeadDim) + kKey]);
  if constexpr (kHeadDim == 4) return broadcast_within_blocks<kKey>(load(weights));
  const Lanes w = load(weights);
  return broadcast_within_blocks<kKey>(kVector == 0 ? copy_even_blocks(w) : copy_odd_blocks(w));
}

// Added to the attention logits of the last four keys of position t: the keys after it do not exist.
alignas(64) inline constexpr float kCausalMask[kQuad][kLanes] = {
    {0, -1e30F, -1e30F, -1e30F, 0, -1e30F, -1e30F, -1e30F, 0, -1e30F, -1e30F, -1e30F, 0, -1e30F, -1e30F, -1e30F},
    {0, 0, -1e30F, -1e30F, 0, 0, -1e30F, -1e30F, 0, 0, -1e30F, -1e30F, 0, 0, -1e30F, -1e30F},
    {0, 0, 0, -1e30F, 0, 0, 0, -1e30F, 0, 0, 0, -1e30F, 0, 0, 0, -1e30F},
    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}};

// Keys in groups of four that position t sees.
LANES_INLINE std::size_t key_groups(std::size_t t) { return t / kQuad + 1; }

// Groups of keys that positions `first` to t - 1 see: vectors before those of position t.
LANES_INLINE std::size_t vectors_before(std::size_t first, std::size_t t) {
  return short_attention_vectors(t) - short_attention_vectors(first);
}

// What attention keeps for each position of a document and four heads, one position after another: for each group of keys a
// vector of logits, later of probabilities. In the gradient a second array of the same shape has that of the logits.
//
// Each function below takes one stage for all positions, so that the processor can work on several positions at once: the
// stages of a single one are a long chain of dependent operations.

template <std::size_t kHeadDim>
LANES_INLINE void load_quad(const PanelView<const float>& from, std::size_t row, std::size_t first_vector, Lanes* x) {
  LANES_UNROLL(16)
  for (std::size_t v = 0; v < kQuadVectors<kHeadDim>; ++v) x[v] = load(from.at(row, first_vector + v));
}

// `row`: that of the document's first computed position.
template <std::size_t kHeadDim>
LANES_INLINE void compute_logits(const ConstPanels& qkv, const AttentionDocument& document, std::size_t row,
                                 std::size_t q_vector, const Gathered& keys, Lanes scale, float* logits) {
  for (std::size_t t = document.first; t < document.size; ++t, ++row) {
    Lanes q[kQuadVectors<kHeadDim>];
    load_quad<kHeadDim>(qkv, row, q_vector, q);
    const std::size_t groups = key_groups(t);
    for (std::size_t g = 0; g + 1 < groups; ++g, logits += kLanes)
      store(mul(head_dots<kHeadDim>(q, keys, kQuad * g), scale), logits);
    const Lanes last = mul(head_dots<kHeadDim>(q, keys, kQuad * (groups - 1)), scale);
    store(add(last, load(kCausalMask[t % kQuad])), logits);
    logits += kLanes;
  }
}

LANES_INLINE void normalize_logits(const AttentionDocument& document, float* probabilities) {
  for (std::size_t t = document.first; t < document.size; ++t) {
    const std::size_t groups = key_groups(t);
    Lanes maximum = load(probabilities);
    for (std::size_t g = 1; g < groups; ++g) maximum = max(maximum, load(probabilities + g * kLanes));
    maximum = reduce_within_blocks<Larger>(maximum);
    Lanes total = zero();
    for (std::size_t g = 0; g < groups; ++g) {
      const Lanes e = exp(sub(load(probabilities + g * kLanes), maximum));
      total = add(total, e);
      store(e, probabilities + g * kLanes);
    }
    const Lanes inverse = div(broadcast(1.0F), reduce_within_blocks<Adding>(total));
    for (std::size_t g = 0; g < groups; ++g, probabilities += kLanes) store(mul(load(probabilities), inverse), probabilities);
  }
}

// For each position t the sum over keys of weight times their vector kVector. The weights of keys after t are 0.
template <std::size_t kHeadDim, std::size_t kVector>
LANES_INLINE void weigh_keys(const AttentionDocument& document, const float* weights, const Gathered& keys,
                             Column<float> sums) {
  for (std::size_t t = document.first; t < document.size; ++t, sums.data += sums.width) {
    const std::size_t groups = key_groups(t);
    Lanes sum = zero();
    const float* values = keys.at(kVector, 0);
    for (std::size_t g = 0; g < groups; ++g, weights += kLanes, values += kQuad * kLanes) {
      sum = mul_add(expand<kHeadDim, kVector, 0>(weights), load(values), sum);
      sum = mul_add(expand<kHeadDim, kVector, 1>(weights), load(values + kLanes), sum);
      sum = mul_add(expand<kHeadDim, kVector, 2>(weights), load(values + 2 * kLanes), sum);
      sum = mul_add(expand<kHeadDim, kVector, 3>(weights), load(values + 3 * kLanes), sum);
    }
    store(sum, sums.data);
  }
}

// The reverse: adds to each key's vector the sum over positions t of weight times their vector kVector of `values`, whose rows
// are consecutive.
template <std::size_t kHeadDim, std::size_t kVector>
LANES_INLINE void weigh_positions(const AttentionDocument& document, const float* weights, const Column<const float>& values,
                                  const Column<float>& sums) {
  const std::size_t groups = key_groups(document.size - 1);
  for (std::size_t g = 0; g < groups; ++g) {
    const std::size_t begin = std::max(document.first, kQuad * g);
    const float* weight = weights + (vectors_before(document.first, begin) + g) * kLanes;
    const float* value = values[begin - document.first];
    Lanes sum[kQuad] = {zero(), zero(), zero(), zero()};
    for (std::size_t t = begin; t < document.size; ++t, value += values.width) {
      const Lanes x = load(value);
      sum[0] = mul_add(expand<kHeadDim, kVector, 0>(weight), x, sum[0]);
      sum[1] = mul_add(expand<kHeadDim, kVector, 1>(weight), x, sum[1]);
      sum[2] = mul_add(expand<kHeadDim, kVector, 2>(weight), x, sum[2]);
      sum[3] = mul_add(expand<kHeadDim, kVector, 3>(weight), x, sum[3]);
      weight += key_groups(t) * kLanes;
    }
    const std::int32_t* const rows = document.rows + kQuad * g;
    const std::size_t count = document.size - kQuad * g;
    add_to(sums[static_cast<std::size_t>(rows[0])], sum[0]);
    if (count > 1) add_to(sums[static_cast<std::size_t>(rows[1])], sum[1]);
    if (count > 2) add_to(sums[static_cast<std::size_t>(rows[2])], sum[2]);
    if (count > 3) add_to(sums[static_cast<std::size_t>(rows[3])], sum[3]);
  }
}

// Where four heads' vectors begin in the rows, and the scratch of a document.
template <std::size_t kHeadDim>
struct QuadCall {
  std::size_t q, k, v, out;
  std::size_t row;  // of the document's first computed position
  Gathered keys, values;
  float* dlogits;
  Lanes scale;

  LANES_INLINE QuadCall(const AttentionCall& call, const AttentionDocument& document, std::size_t quad)
      : q(quad * kQuadVectors<kHeadDim>),
        k(vectors_of(call.n_embd) + q),
        v(2 * vectors_of(call.n_embd) + q),
        out(q),
        row(static_cast<std::size_t>(document.rows[document.first])),
        keys{call.scratch, kLongestShortDocument},
        values{keys.at(kQuadVectors<kHeadDim>, 0), kLongestShortDocument},
        dlogits(values.at(kQuadVectors<kHeadDim>, 0)),
        scale(broadcast(1.0F / std::sqrt(static_cast<float>(kHeadDim)))) {
    gather(call.qkv, k, kQuadVectors<kHeadDim>, document, keys);
    gather(call.qkv, v, kQuadVectors<kHeadDim>, document, values);
  }
};

template <std::size_t kHeadDim, std::size_t kVector = 0>
LANES_INLINE void weigh_all_values(const AttentionCall& call, const AttentionDocument& document, const QuadCall<kHeadDim>& quad,
                                   const float* probabilities) {
  weigh_keys<kHeadDim, kVector>(document, probabilities, quad.values, column(call.out, quad.row, quad.out + kVector));
  if constexpr (kVector + 1 < kQuadVectors<kHeadDim>)
    weigh_all_values<kHeadDim, kVector + 1>(call, document, quad, probabilities);
}

template <std::size_t kHeadDim>
HWY_NOINLINE void short_attention_of(const AttentionCall& call, const AttentionDocument& document, float* probabilities) {
  for (std::size_t i = 0; i < call.n_head / kQuad; ++i) {
    const QuadCall<kHeadDim> quad(call, document, i);
    compute_logits<kHeadDim>(call.qkv, document, quad.row, quad.q, quad.keys, quad.scale, probabilities);
    normalize_logits(document, probabilities);
    weigh_all_values(call, document, quad, probabilities);
    probabilities += vectors_before(document.first, document.size) * kLanes;
  }
}

// The gradient of the logits from that of the output: probability * (d - mean of d under the probabilities) * scale, where d is
// the gradient of the probability.
template <std::size_t kHeadDim>
LANES_INLINE void logits_backward(const AttentionBackwardCall& call, const AttentionDocument& document,
                                  const QuadCall<kHeadDim>& quad, const float* probabilities) {
  float* dlogits = quad.dlogits;
  std::size_t row = quad.row;
  for (std::size_t t = document.first; t < document.size; ++t, ++row) {
    Lanes dout[kQuadVectors<kHeadDim>];
    load_quad<kHeadDim>(call.dout, row, quad.out, dout);
    const std::size_t groups = key_groups(t);
    Lanes mean = zero();
    for (std::size_t g = 0; g < groups; ++g) {
      const Lanes d = head_dots<kHeadDim>(dout, quad.values, kQuad * g);
      mean = mul_add(load(probabilities + g * kLanes), d, mean);
      store(d, dlogits + g * kLanes);
    }
    mean = reduce_within_blocks<Adding>(mean);
    for (std::size_t g = 0; g < groups; ++g, probabilities += kLanes, dlogits += kLanes)
      store(mul(mul(load(probabilities), sub(load(dlogits), mean)), quad.scale), dlogits);
  }
}

template <std::size_t kHeadDim, std::size_t kVector = 0>
LANES_INLINE void vectors_backward(const AttentionBackwardCall& call, const AttentionDocument& document,
                                   const QuadCall<kHeadDim>& quad, const float* probabilities) {
  const AttentionCall& forward = call.forward;
  weigh_keys<kHeadDim, kVector>(document, quad.dlogits, quad.keys, column(call.dqkv, quad.row, quad.q + kVector));
  weigh_positions<kHeadDim, kVector>(document, quad.dlogits, column(forward.qkv, quad.row, quad.q + kVector),
                                     column(call.dqkv, 0, quad.k + kVector));
  weigh_positions<kHeadDim, kVector>(document, probabilities, column(call.dout, quad.row, quad.out + kVector),
                                     column(call.dqkv, 0, quad.v + kVector));
  if constexpr (kVector + 1 < kQuadVectors<kHeadDim>)
    vectors_backward<kHeadDim, kVector + 1>(call, document, quad, probabilities);
}

template <std::size_t kHeadDim>
HWY_NOINLINE void short_attention_backward_of(const AttentionBackwardCall& call, const AttentionDocument& document,
                                              const float* probabilities) {
  for (std::size_t i = 0; i < call.forward.n_head / kQuad; ++i) {
    const QuadCall<kHeadDim> quad(call.forward, document, i);
    logits_backward(call, document, quad, probabilities);
    vectors_backward(call, document, quad, probabilities);
    probabilities += vectors_before(document.first, document.size) * kLanes;
  }
}

LANES_INLINE void short_attention(const AttentionCall& call, const AttentionDocument& document, float* probabilities) {
  switch (call.n_embd / call.n_head) {
    case 4:
      return short_attention_of<4>(call, document, probabilities);
    case 8:
      return short_attention_of<8>(call, document, probabilities);
    case 16:
      return short_attention_of<16>(call, document, probabilities);
    default:
      return short_attention_of<32>(call, document, probabilities);
  }
}

LANES_INLINE void short_attention_backward(const AttentionBackwardCall& call, const AttentionDocument& document,
                                           const float* probabilities) {
  switch (call.forward.n_embd / call.forward.n_head) {
    case 4:
      return short_attention_backward_of<4>(call, document, probabilities);
    case 8:
      return short_attention_backward_of<8>(call, document, probabilities);
    case 16:
      return short_attention_backward_of<16>(call, document, probabilities);
    default:
      return short_attention_backward_of<32>(call, document, probabilities);
  }
}

}  // namespace microgpt::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // MICROGPT_SHORT_ATTENTION_INL_H
