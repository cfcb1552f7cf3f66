// SPDX-License-Identifier: MIT
// Attention of the first positions of documents: four heads and four keys share a vector.
//
// For one query the attention logits of heads h to h + 3 with keys t to t + 3 are one vector of 16, four lanes a head, so that
// the softmax of a document of seven positions needs few vectors. Serves heads in fours with 4, 8, 16 or 32 features;
// long_attention-inl.h serves the rest. See AttentionCall in kernels.h.
//
// Did not help: four queries together, with one reduction over lanes and one division for the four. Slower at widths 16 and 32,
// no clear difference at 64 and 128.
#if defined(MICROGPT_SHORT_ATTENTION_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MICROGPT_SHORT_ATTENTION_INL_H
#undef MICROGPT_SHORT_ATTENTION_INL_H
#else
#define MICROGPT_SHORT_ATTENTION_INL_H
#endif

#include <algorithm>
#include <cmath>

#include "engine/fast/kernels/attention_sizes.h"
#include "engine/fast/kernels/entry_points-inl.h"
#include "engine/fast/kernels/quads-inl.h"
#include "simd/lane_math-inl.h"
#include "simd/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt::fast::HWY_NAMESPACE {

using namespace lanes::HWY_NAMESPACE;

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

// For each position t the sum over keys of weight times one of their vectors. The weights of keys after t are 0.
template <std::size_t kHeadDim, bool kOdd>
LANES_INLINE void weigh_keys(const AttentionDocument& document, const float* weights, const float* keys, Column<float> sums) {
  for (std::size_t t = document.first; t < document.size; ++t, sums.data += sums.width) {
    const std::size_t groups = key_groups(t);
    Lanes sum = zero();
    const float* values = keys;
    for (std::size_t g = 0; g < groups; ++g, weights += kLanes, values += kQuad * kLanes) {
      sum = mul_add(expand<kHeadDim, kOdd, 0>(weights), load(values), sum);
      sum = mul_add(expand<kHeadDim, kOdd, 1>(weights), load(values + kLanes), sum);
      sum = mul_add(expand<kHeadDim, kOdd, 2>(weights), load(values + 2 * kLanes), sum);
      sum = mul_add(expand<kHeadDim, kOdd, 3>(weights), load(values + 3 * kLanes), sum);
    }
    store(sum, sums.data);
  }
}

// The reverse: adds to each key's vector the sum over positions t of weight times their vector in `values`, whose rows are
// consecutive.
template <std::size_t kHeadDim, bool kOdd>
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
      sum[0] = mul_add(expand<kHeadDim, kOdd, 0>(weight), x, sum[0]);
      sum[1] = mul_add(expand<kHeadDim, kOdd, 1>(weight), x, sum[1]);
      sum[2] = mul_add(expand<kHeadDim, kOdd, 2>(weight), x, sum[2]);
      sum[3] = mul_add(expand<kHeadDim, kOdd, 3>(weight), x, sum[3]);
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
        keys{call.scratch, kMaxShortDocument},
        values{keys.at(kQuadVectors<kHeadDim>, 0), kMaxShortDocument},
        dlogits(values.at(kQuadVectors<kHeadDim>, 0)),
        scale(broadcast(1.0F / std::sqrt(static_cast<float>(kHeadDim)))) {
    gather(call.qkv, k, kQuadVectors<kHeadDim>, document, keys);
    gather(call.qkv, v, kQuadVectors<kHeadDim>, document, values);
  }
};

template <std::size_t kHeadDim>
LANES_INLINE void weigh_all_values(const AttentionCall& call, const AttentionDocument& document, const QuadCall<kHeadDim>& quad,
                                   const float* probabilities) {
  for_each_vector<kHeadDim>([&](std::size_t v, auto odd) HWY_ATTR {
    weigh_keys<kHeadDim, odd>(document, weights_of<kHeadDim>(probabilities, v), quad.values.at(v, 0),
                              column(call.out, quad.row, quad.out + v));
  });
}

template <std::size_t kHeadDim>
HWY_NOINLINE void short_attention_of(const AttentionCall& call, const AttentionDocument& document, float* probabilities) {
  const std::size_t floats = vectors_before(document.first, document.size) * kLanes;
  probabilities += call.head_begin / kQuad * floats;
  for (std::size_t i = call.head_begin / kQuad; i < call.head_end / kQuad; ++i, probabilities += floats) {
    const QuadCall<kHeadDim> quad(call, document, i);
    compute_logits<kHeadDim>(call.qkv, document, quad.row, quad.q, quad.keys, quad.scale, probabilities);
    normalize_logits(document, probabilities);
    weigh_all_values(call, document, quad, probabilities);
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

template <std::size_t kHeadDim>
LANES_INLINE void vectors_backward(const AttentionBackwardCall& call, const AttentionDocument& document,
                                   const QuadCall<kHeadDim>& quad, const float* probabilities) {
  const AttentionCall& forward = call.forward;
  for_each_vector<kHeadDim>([&](std::size_t v, auto odd) HWY_ATTR {
    const float* const dlogits = weights_of<kHeadDim>(quad.dlogits, v);
    weigh_keys<kHeadDim, odd>(document, dlogits, quad.keys.at(v, 0), column(call.dqkv, quad.row, quad.q + v));
    weigh_positions<kHeadDim, odd>(document, dlogits, column(forward.qkv, quad.row, quad.q + v),
                                   column(call.dqkv, 0, quad.k + v));
    weigh_positions<kHeadDim, odd>(document, weights_of<kHeadDim>(probabilities, v), column(call.dout, quad.row, quad.out + v),
                                   column(call.dqkv, 0, quad.v + v));
  });
}

template <std::size_t kHeadDim>
HWY_NOINLINE void short_attention_backward_of(const AttentionBackwardCall& call, const AttentionDocument& document,
                                              const float* probabilities) {
  const std::size_t floats = vectors_before(document.first, document.size) * kLanes;
  probabilities += call.forward.head_begin / kQuad * floats;
  for (std::size_t i = call.forward.head_begin / kQuad; i < call.forward.head_end / kQuad; ++i, probabilities += floats) {
    const QuadCall<kHeadDim> quad(call.forward, document, i);
    logits_backward(call, document, quad, probabilities);
    vectors_backward(call, document, quad, probabilities);
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

}  // namespace microgpt::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // MICROGPT_SHORT_ATTENTION_INL_H
