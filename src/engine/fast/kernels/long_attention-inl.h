// Attention of any heads and positions: matrix products for one document and head at a time. It serves what
// short_attention-inl.h does not.
//
// The document's queries, keys and values are copied to rows of their own, keys and values also transposed; queries are taken
// kQueryBlock at a time, so that the room for attention logits grows with the length and not with its square. Nothing is kept
// for the gradient, which computes the probabilities again. See AttentionCall in kernels.h.
#if defined(MICROGPT_LONG_ATTENTION_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MICROGPT_LONG_ATTENTION_INL_H
#undef MICROGPT_LONG_ATTENTION_INL_H
#else
#define MICROGPT_LONG_ATTENTION_INL_H
#endif

#include <algorithm>
#include <cmath>

#include "engine/fast/kernels/attention_room.h"
#include "engine/fast/kernels/entry_points-inl.h"
#include "engine/fast/kernels/lane_math-inl.h"
#include "engine/fast/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt::HWY_NAMESPACE {

// Consecutive rows of features, e.g. the queries of a document; the features of a head begin at any float.
struct Rows {
  float* data;
  std::size_t width;

  PanelView<float> head(std::size_t first_row, std::size_t first_feature, std::size_t features) const {
    return {data + first_row * width + first_feature, vectors_of(features), width, 0};
  }
};

LANES_INLINE void gather_rows(const ConstPanels& from, std::size_t first_vector, std::size_t vectors, const std::int32_t* rows,
                              std::size_t count, const Rows& to) {
  for (std::size_t v = 0; v < vectors; ++v) {
    const float* x = from.at(0, first_vector + v);
    for (std::size_t i = 0; i < count; ++i)
      store(load(x + static_cast<std::size_t>(rows[i]) * from.width), to.data + i * to.width + v * kLanes);
  }
}

// The vector of a row, 0 in the lanes past the last feature: what a neighbouring head's product left there is none.
LANES_INLINE Lanes row_vector(const Rows& rows, std::size_t row, std::size_t vector, std::size_t features) {
  const Lanes x = load(rows.data + row * rows.width + vector * kLanes);
  return first_lanes(x, features - vector * kLanes, zero());
}

// to[feature][row] = from[row][first_feature + feature].
LANES_INLINE void transpose_head(const Rows& from, std::size_t first_feature, std::size_t head_dim, std::size_t count,
                                 float* to, std::size_t to_width) {
  Lanes block[kLanes];
  for (std::size_t row = 0; row < count; row += kLanes)
    for (std::size_t f = 0; f < head_dim; f += kLanes) {
      LANES_UNROLL(16)
      for (std::size_t i = 0; i < kLanes; ++i) block[i] = load(from.data + (row + i) * from.width + first_feature + f);
      transpose(block);
      LANES_UNROLL(16)
      for (std::size_t i = 0; i < kLanes; ++i) store(block[i], to + (f + i) * to_width + row);
    }
}

// Where things lie in the scratch; see long_attention_scratch().
struct LongAttention {
  const AttentionCall& call;
  const AttentionDocument& document;
  std::size_t head_dim;
  std::size_t width;  // of the rows
  std::size_t keys;   // rounded up to whole vectors
  Rows q, k, v, out;  // out: also its gradient
  Rows dq, dk, dv;
  float* k_transposed;  // [head_dim][keys]
  float* v_transposed;
  float* probabilities;   // [kQueryBlock][keys]
  float* dprobabilities;  // likewise

  LongAttention(const AttentionCall& c, const AttentionDocument& d)
      : call(c),
        document(d),
        head_dim(c.n_embd / c.n_head),
        width(long_attention_width(c.n_embd)),
        keys(round_up_to_vector(d.size)) {
    float* next = c.scratch;
    const auto take = [&next](std::size_t floats) HWY_ATTR {
      float* taken = next;
      next += floats;
      return taken;
    };
    const std::size_t rows = long_attention_rows(d.size);
    for (Rows* r : {&q, &k, &v, &out, &dq, &dk, &dv}) *r = {take(rows * width), width};
    k_transposed = take(round_up_to_vector(head_dim) * keys);
    v_transposed = take(round_up_to_vector(head_dim) * keys);
    probabilities = take((std::min(kQueryBlock, d.size) + kRowPadding) * keys);
    dprobabilities = take((std::min(kQueryBlock, d.size) + kRowPadding) * keys);
  }

  std::size_t queries() const { return document.size - document.first; }
  Lanes scale() const { return broadcast(1.0F / std::sqrt(static_cast<float>(head_dim))); }
  Panels block(float* logits) const { return {logits, keys / kLanes, keys, 0}; }
  Panels transposed(float* matrix) const { return {matrix, keys / kLanes, keys, 0}; }
};

LANES_INLINE void gather(LongAttention& a) {
  const std::size_t vectors = vectors_of(a.call.n_embd);
  const std::int32_t* rows = a.document.rows;
  gather_rows(a.call.qkv, 0, vectors, rows + a.document.first, a.queries(), a.q);
  gather_rows(a.call.qkv, vectors, vectors, rows, a.document.size, a.k);
  gather_rows(a.call.qkv, 2 * vectors, vectors, rows, a.document.size, a.v);
}

// The softmax of each row's logits up to its own position, times `scale`; 0 after it.
LANES_INLINE void causal_softmax(const LongAttention& a, std::size_t first_position, std::size_t count) {
  const Lanes scale = a.scale();
  for (std::size_t i = 0; i < count; ++i) {
    float* logits = a.probabilities + i * a.keys;
    const std::size_t visible = first_position + i + 1;
    const std::size_t vectors = vectors_of(visible);
    Lanes maximum = broadcast(kMinusInfinity);
    for (std::size_t v = 0; v < vectors; ++v) {
      const Lanes x = first_lanes(mul(load(logits + v * kLanes), scale), visible - v * kLanes, broadcast(kMinusInfinity));
      maximum = max(maximum, x);
      store(x, logits + v * kLanes);
    }
    const Lanes largest = broadcast_maximum(maximum);
    Lanes total = zero();
    for (std::size_t v = 0; v < vectors; ++v) {
      const Lanes e = exp(sub(load(logits + v * kLanes), largest));
      total = add(total, e);
      store(e, logits + v * kLanes);
    }
    const Lanes inverse = div(broadcast(1.0F), broadcast_sum(total));
    for (std::size_t v = 0; v < vectors; ++v) store(mul(load(logits + v * kLanes), inverse), logits + v * kLanes);
    for (std::size_t v = vectors; v < a.keys / kLanes; ++v) store(zero(), logits + v * kLanes);
  }
}

// The probabilities of queries [begin, begin + count) of a head.
LANES_INLINE void long_probabilities(const LongAttention& a, std::size_t head, std::size_t begin, std::size_t count) {
  ProductCall logits{};
  logits.a = a.q.head(begin, head * a.head_dim, a.head_dim);
  logits.b = a.transposed(a.k_transposed);
  logits.c = a.block(a.probabilities);
  logits.rows = count;
  logits.k = a.head_dim;
  logits.causal = Causal::results;
  logits.diagonal = a.document.first + begin;
  product(logits);
  causal_softmax(a, logits.diagonal, count);
}

LANES_INLINE void long_attention_of(const AttentionCall& call, const AttentionDocument& document) {
  LongAttention a(call, document);
  gather(a);
  for (std::size_t head = 0; head < call.n_head; ++head) {
    const std::size_t feature = head * a.head_dim;
    transpose_head(a.k, feature, a.head_dim, document.size, a.k_transposed, a.keys);
    for (std::size_t begin = 0; begin < a.queries(); begin += kQueryBlock) {
      const std::size_t count = std::min(kQueryBlock, a.queries() - begin);
      long_probabilities(a, head, begin, count);
      ProductCall weigh{};
      weigh.a = a.block(a.probabilities);
      weigh.b = a.v.head(0, feature, a.head_dim);
      weigh.c = a.out.head(begin, feature, a.head_dim);
      weigh.rows = count;
      weigh.k = document.size;
      weigh.causal = Causal::terms;
      weigh.diagonal = document.first + begin;
      product(weigh);
    }
  }
  for (std::size_t v = 0; v < vectors_of(call.n_embd); ++v)
    for (std::size_t i = 0; i < a.queries(); ++i)
      store(row_vector(a.out, i, v, call.n_embd), call.out.at(static_cast<std::size_t>(document.rows[document.first + i]), v));
}

// dprobabilities becomes the gradient of the logits: probability * (dprobability - their mean under the probabilities) * scale.
LANES_INLINE void causal_softmax_backward(const LongAttention& a, std::size_t first_position, std::size_t count) {
  const Lanes scale = a.scale();
  for (std::size_t i = 0; i < count; ++i) {
    const float* p = a.probabilities + i * a.keys;
    float* d = a.dprobabilities + i * a.keys;
    const std::size_t visible = first_position + i + 1;
    const std::size_t vectors = vectors_of(visible);
    // What comes after the row's own position was not computed and may be anything; 0 times that need not be 0.
    float* const last = d + (vectors - 1) * kLanes;
    store(first_lanes(load(last), visible - (vectors - 1) * kLanes, zero()), last);
    Lanes total = zero();
    for (std::size_t v = 0; v < vectors; ++v) total = mul_add(load(p + v * kLanes), load(d + v * kLanes), total);
    const Lanes mean = broadcast_sum(total);
    for (std::size_t v = 0; v < vectors; ++v) {
      const Lanes difference = sub(load(d + v * kLanes), mean);
      store(mul(mul(load(p + v * kLanes), difference), scale), d + v * kLanes);
    }
    for (std::size_t v = vectors; v < a.keys / kLanes; ++v) store(zero(), d + v * kLanes);
  }
}

LANES_INLINE void long_head_backward(const LongAttention& a, std::size_t head, std::size_t begin, std::size_t count) {
  const std::size_t feature = head * a.head_dim;
  const std::size_t diagonal = a.document.first + begin;
  long_probabilities(a, head, begin, count);

  ProductCall dp{};
  dp.a = a.out.head(begin, feature, a.head_dim);
  dp.b = a.transposed(a.v_transposed);
  dp.c = a.block(a.dprobabilities);
  dp.rows = count;
  dp.k = a.head_dim;
  dp.causal = Causal::results;
  dp.diagonal = diagonal;
  product(dp);
  causal_softmax_backward(a, diagonal, count);

  ProductCall dq{};
  dq.a = a.block(a.dprobabilities);
  dq.b = a.k.head(0, feature, a.head_dim);
  dq.c = a.dq.head(begin, feature, a.head_dim);
  dq.rows = count;
  dq.k = a.document.size;
  dq.causal = Causal::terms;
  dq.diagonal = diagonal;
  product(dq);

  const auto add_transposed = [&](float* weights, const Rows& x, const Rows& to) HWY_ATTR {
    TransposedProductCall call{};
    call.a = a.block(weights);
    call.b = x.head(begin, feature, a.head_dim);
    call.c = to.head(0, feature, a.head_dim);
    call.m = a.document.size;
    call.rows = count;
    call.addends[0] = call.c.data;
    call.addend_count = begin > 0 ? 1 : 0;
    call.causal = Causal::terms;
    call.diagonal = diagonal;
    transposed_product(call);
  };
  add_transposed(a.dprobabilities, a.q, a.dk);
  add_transposed(a.probabilities, a.out, a.dv);
}

LANES_INLINE void long_attention_backward_of(const AttentionBackwardCall& call, const AttentionDocument& document) {
  const AttentionCall& forward = call.forward;
  LongAttention a(forward, document);
  gather(a);
  const std::size_t vectors = vectors_of(forward.n_embd);
  gather_rows(call.dout, 0, vectors, document.rows + document.first, a.queries(), a.out);
  for (std::size_t head = 0; head < forward.n_head; ++head) {
    const std::size_t feature = head * a.head_dim;
    transpose_head(a.k, feature, a.head_dim, document.size, a.k_transposed, a.keys);
    transpose_head(a.v, feature, a.head_dim, document.size, a.v_transposed, a.keys);
    for (std::size_t begin = 0; begin < a.queries(); begin += kQueryBlock)
      long_head_backward(a, head, begin, std::min(kQueryBlock, a.queries() - begin));
  }
  for (std::size_t v = 0; v < vectors; ++v) {
    for (std::size_t i = 0; i < a.queries(); ++i)
      store(row_vector(a.dq, i, v, forward.n_embd),
            call.dqkv.at(static_cast<std::size_t>(document.rows[document.first + i]), v));
    for (std::size_t t = 0; t < document.size; ++t) {
      const auto row = static_cast<std::size_t>(document.rows[t]);
      add_to(call.dqkv.at(row, vectors + v), row_vector(a.dk, t, v, forward.n_embd));
      add_to(call.dqkv.at(row, 2 * vectors + v), row_vector(a.dv, t, v, forward.n_embd));
    }
  }
}

}  // namespace microgpt::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // MICROGPT_LONG_ATTENTION_INL_H
