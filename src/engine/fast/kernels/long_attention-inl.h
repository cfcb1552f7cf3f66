// SPDX-License-Identifier: MIT
// Attention of any heads and positions: matrix products for one document and head at a time. It serves what
// short_attention-inl.h does not.
//
// Where the document's rows are consecutive and its heads are whole vectors, the products work on the engine's own panels; else
// queries, keys and values are copied to rows of their own, and results back. Queries are taken kQueryBlock at a time, so that
// the space for attention logits grows with the length and not with its square. Nothing is kept for the gradient, which
// computes the probabilities again. See AttentionCall in kernels.h.
#if defined(MICROGPT_LONG_ATTENTION_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MICROGPT_LONG_ATTENTION_INL_H
#undef MICROGPT_LONG_ATTENTION_INL_H
#else
#define MICROGPT_LONG_ATTENTION_INL_H
#endif

#include <algorithm>
#include <cmath>

#include "engine/fast/kernels/attention_sizes.h"
#include "engine/fast/kernels/entry_points-inl.h"
#include "simd/lane_math-inl.h"
#include "simd/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt::fast::HWY_NAMESPACE {

using namespace lanes::HWY_NAMESPACE;

// The queries, say, of a document, row by row: part of the engine's panels, or rows of their own in which the features of a
// head begin at any float.
template <typename T>
struct DocumentRows {
  PanelView<T> panels;
  std::size_t row;      // of the document's first
  std::size_t feature;  // of the first head's first

  bool in_place() const { return panels.panel_stride > 0; }

  // `first_row` counts the document's rows, `first_feature` those of all heads.
  PanelView<T> head(std::size_t first_row, std::size_t first_feature, std::size_t features) const {
    PanelView<T> view = panels;
    view.vectors = vectors_of(features);
    view.data = in_place() ? panels.at(row + first_row, (feature + first_feature) / kLanes)
                           : panels.data + first_row * panels.width + first_feature;
    return view;
  }

  operator DocumentRows<const T>() const { return {panels, row, feature}; }
};

using Rows = DocumentRows<float>;
using ConstRows = DocumentRows<const float>;

LANES_INLINE void gather_rows(const ConstPanels& from, std::size_t first_vector, std::size_t vectors, const std::int32_t* rows,
                              std::size_t count, const Panels& to) {
  for (std::size_t v = 0; v < vectors; ++v) {
    const float* x = from.at(0, first_vector + v);
    for (std::size_t i = 0; i < count; ++i)
      store(load(x + static_cast<std::size_t>(rows[i]) * from.width), to.data + i * to.width + v * kLanes);
  }
}

// The vector of a row, 0 in the lanes past the last feature: what a neighbouring head's product left there is none.
LANES_INLINE Lanes row_vector(const Panels& rows, std::size_t row, std::size_t vector, std::size_t features) {
  const Lanes x = load(rows.data + row * rows.width + vector * kLanes);
  return first_lanes(x, features - vector * kLanes, zero());
}

// to[feature][row] = from[row][feature] of a head.
LANES_INLINE void transpose_head(const ConstPanels& from, std::size_t count, float* to, std::size_t to_width) {
  Lanes block[kLanes];
  for (std::size_t v = 0; v < from.vectors; ++v)
    for (std::size_t row = 0; row < count; row += kLanes) {
      const float* x = from.at(row, v);
      LANES_UNROLL(16)
      for (std::size_t i = 0; i < kLanes; ++i) block[i] = load(x + i * from.width);
      transpose(block);
      LANES_UNROLL(16)
      for (std::size_t i = 0; i < kLanes; ++i) store(block[i], to + (v * kLanes + i) * to_width + row);
    }
}

// Where a document's matrices lie: in the call's panels, or in the scratch; see long_attention_scratch().
struct LongAttention {
  const AttentionCall& call;
  const AttentionDocument& document;
  bool in_place;
  std::size_t head_dim;
  std::size_t keys;     // rounded up to whole vectors
  Panels copies[7]{};   // where it is not in place: of queries, keys, values, out or its gradient, and the gradients of the
                        // first three
  float* k_transposed;  // [head_dim][keys]
  float* v_transposed;
  float* probabilities;   // [kQueryBlock][keys]
  float* dprobabilities;  // likewise
  ConstRows q, k, v;

  LANES_INLINE LongAttention(const AttentionCall& c, const AttentionDocument& d)
      : call(c),
        document(d),
        in_place(can_work_in_place(c.n_embd, c.n_head, d)),
        head_dim(c.n_embd / c.n_head),
        keys(round_up_to_vector(d.size)) {
    float* next = c.scratch;
    const auto take = [&next](std::size_t floats) HWY_ATTR {
      float* taken = next;
      next += floats;
      return taken;
    };
    const std::size_t width = long_attention_width(c.n_embd);
    if (!in_place)
      for (Panels& copy : copies) copy = {take(long_attention_rows(d.size) * width), vectors(), width, 0};
    k_transposed = take(round_up_to_vector(head_dim) * keys);
    v_transposed = take(round_up_to_vector(head_dim) * keys);
    probabilities = take((std::min(kQueryBlock, d.size) + kRowPadding) * keys);
    dprobabilities = take((std::min(kQueryBlock, d.size) + kRowPadding) * keys);
    q = rows_of(c.qkv, 0, d.first, copies[0]);
    k = rows_of(c.qkv, vectors(), 0, copies[1]);
    v = rows_of(c.qkv, 2 * vectors(), 0, copies[2]);
  }

  std::size_t vectors() const { return vectors_of(call.n_embd); }
  std::size_t queries() const { return document.size - document.first; }
  Lanes scale() const { return broadcast(1.0F / std::sqrt(static_cast<float>(head_dim))); }
  Panels block(float* logits) const { return {logits, keys / kLanes, keys, 0}; }
  Panels transposed(float* matrix) const { return {matrix, keys / kLanes, keys, 0}; }

  // The document's rows of results from position `first` on: their place, or a copy to be filled.
  template <typename T>
  DocumentRows<T> results(const PanelView<T>& from, std::size_t first_vector, std::size_t first, const Panels& copy) const {
    if (in_place) return {from, static_cast<std::size_t>(document.rows[first]), first_vector * kLanes};
    return {copy, 0, 0};
  }

  // The same of what was computed before.
  LANES_INLINE ConstRows rows_of(const ConstPanels& from, std::size_t first_vector, std::size_t first,
                                 const Panels& copy) const {
    if (!in_place) gather_rows(from, first_vector, vectors(), document.rows + first, document.size - first, copy);
    return results(from, first_vector, first, copy);
  }
};

// Keys that a row of logits sees; of the rows after the last one, which are computed along, no more than there are.
LANES_INLINE std::size_t visible_keys(const LongAttention& a, std::size_t position) { return std::min(position + 1, a.keys); }

// The softmax of each row's logits up to its own position, times `scale`; 0 after it. 16 rows together, as in softmax().
LANES_INLINE void causal_softmax(const LongAttention& a, std::size_t first_position, std::size_t count) {
  const Lanes scale = a.scale();
  alignas(64) float per_row[kLanes];
  Lanes partial[kLanes];
  for (std::size_t first = 0; first < count; first += kLanes) {
    float* const block = a.probabilities + first * a.keys;
    const auto visible_of = [&](std::size_t i) HWY_ATTR { return visible_keys(a, first_position + first + i); };
    for (std::size_t i = 0; i < kLanes; ++i) {
      float* const logits = block + i * a.keys;
      const std::size_t visible = visible_of(i);
      partial[i] = broadcast(kMinusInfinity);
      for (std::size_t v = 0; v < vectors_of(visible); ++v) {
        const Lanes x = first_lanes(mul(load(logits + v * kLanes), scale), visible - v * kLanes, broadcast(kMinusInfinity));
        partial[i] = max(partial[i], x);
        store(x, logits + v * kLanes);
      }
    }
    store(lane_maxima(partial), per_row);
    for (std::size_t i = 0; i < kLanes; ++i) {
      float* const logits = block + i * a.keys;
      const Lanes largest = broadcast(per_row[i]);
      partial[i] = zero();
      for (std::size_t v = 0; v < vectors_of(visible_of(i)); ++v) {
        const Lanes e = exp(sub(load(logits + v * kLanes), largest));
        partial[i] = add(partial[i], e);
        store(e, logits + v * kLanes);
      }
    }
    store(div(broadcast(1.0F), lane_sums(partial)), per_row);
    for (std::size_t i = 0; i < kLanes; ++i) {
      float* const p = block + i * a.keys;
      const Lanes inverse = broadcast(per_row[i]);
      const std::size_t vectors = vectors_of(visible_of(i));
      for (std::size_t v = 0; v < vectors; ++v) store(mul(load(p + v * kLanes), inverse), p + v * kLanes);
      for (std::size_t v = vectors; v < a.keys / kLanes; ++v) store(zero(), p + v * kLanes);
    }
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
  const Rows out = a.results(call.out, 0, document.first, a.copies[3]);
  for (std::size_t head = call.head_begin; head < call.head_end; ++head) {
    const std::size_t feature = head * a.head_dim;
    transpose_head(a.k.head(0, feature, a.head_dim), document.size, a.k_transposed, a.keys);
    for (std::size_t begin = 0; begin < a.queries(); begin += kQueryBlock) {
      const std::size_t count = std::min(kQueryBlock, a.queries() - begin);
      long_probabilities(a, head, begin, count);
      ProductCall weigh{};
      weigh.a = a.block(a.probabilities);
      weigh.b = a.v.head(0, feature, a.head_dim);
      weigh.c = out.head(begin, feature, a.head_dim);
      weigh.rows = count;
      weigh.k = document.size;
      weigh.causal = Causal::terms;
      weigh.diagonal = document.first + begin;
      product(weigh);
    }
  }
  if (a.in_place) return;
  for (std::size_t v = 0; v < a.vectors(); ++v)
    for (std::size_t i = 0; i < a.queries(); ++i)
      store(row_vector(out.panels, i, v, call.n_embd),
            call.out.at(static_cast<std::size_t>(document.rows[document.first + i]), v));
}

// dprobabilities becomes the gradient of the logits: probability * (dprobability - their mean under the probabilities) * scale.
LANES_INLINE void causal_softmax_backward(const LongAttention& a, std::size_t first_position, std::size_t count) {
  const Lanes scale = a.scale();
  alignas(64) float means[kLanes];
  Lanes partial[kLanes];
  for (std::size_t first = 0; first < count; first += kLanes) {
    const float* const probabilities = a.probabilities + first * a.keys;
    float* const dprobabilities = a.dprobabilities + first * a.keys;
    const auto visible_of = [&](std::size_t i) HWY_ATTR { return visible_keys(a, first_position + first + i); };
    for (std::size_t i = 0; i < kLanes; ++i) {
      const float* p = probabilities + i * a.keys;
      float* d = dprobabilities + i * a.keys;
      const std::size_t before_last = vectors_of(visible_of(i)) - 1;
      // What comes after the row's own position was not computed and may be anything; 0 times that need not be 0.
      float* const last = d + before_last * kLanes;
      store(first_lanes(load(last), visible_of(i) - before_last * kLanes, zero()), last);
      partial[i] = zero();
      for (std::size_t v = 0; v <= before_last; ++v)
        partial[i] = mul_add(load(p + v * kLanes), load(d + v * kLanes), partial[i]);
    }
    store(lane_sums(partial), means);
    for (std::size_t i = 0; i < kLanes; ++i) {
      const float* p = probabilities + i * a.keys;
      float* d = dprobabilities + i * a.keys;
      const Lanes mean = broadcast(means[i]);
      const std::size_t vectors = vectors_of(visible_of(i));
      for (std::size_t v = 0; v < vectors; ++v)
        store(mul(mul(load(p + v * kLanes), sub(load(d + v * kLanes), mean)), scale), d + v * kLanes);
      for (std::size_t v = vectors; v < a.keys / kLanes; ++v) store(zero(), d + v * kLanes);
    }
  }
}

struct LongGradients {
  ConstRows dout;
  Rows dq, dk, dv;
};

LANES_INLINE void long_head_backward(const LongAttention& a, const LongGradients& gradients, std::size_t head,
                                     std::size_t begin, std::size_t count) {
  const std::size_t feature = head * a.head_dim;
  const std::size_t diagonal = a.document.first + begin;
  long_probabilities(a, head, begin, count);

  ProductCall dp{};
  dp.a = gradients.dout.head(begin, feature, a.head_dim);
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
  dq.c = gradients.dq.head(begin, feature, a.head_dim);
  dq.rows = count;
  dq.k = a.document.size;
  dq.causal = Causal::terms;
  dq.diagonal = diagonal;
  product(dq);

  // In place the sums begin at what is there already. Rows past the document's last, of which a kernel may compute some, get 0.
  const auto add_transposed = [&](float* weights, const ConstRows& x, const Rows& to) HWY_ATTR {
    TransposedProductCall call{};
    call.a = a.block(weights);
    call.b = x.head(begin, feature, a.head_dim);
    call.c = to.head(0, feature, a.head_dim);
    call.m = a.document.size;
    call.rows = count;
    call.addends[0] = call.c.data;
    call.addend_count = a.in_place || begin > 0 ? 1 : 0;
    call.causal = Causal::terms;
    call.diagonal = diagonal;
    transposed_product(call);
  };
  add_transposed(a.dprobabilities, a.q, gradients.dk);
  add_transposed(a.probabilities, gradients.dout, gradients.dv);
}

LANES_INLINE void scatter_gradients(const LongAttention& a, const LongGradients& gradients, const Panels& dqkv) {
  const std::size_t n_embd = a.call.n_embd;
  const std::int32_t* const rows = a.document.rows;
  for (std::size_t v = 0; v < a.vectors(); ++v) {
    for (std::size_t i = 0; i < a.queries(); ++i)
      store(row_vector(gradients.dq.panels, i, v, n_embd), dqkv.at(static_cast<std::size_t>(rows[a.document.first + i]), v));
    for (std::size_t t = 0; t < a.document.size; ++t) {
      const auto row = static_cast<std::size_t>(rows[t]);
      add_to(dqkv.at(row, a.vectors() + v), row_vector(gradients.dk.panels, t, v, n_embd));
      add_to(dqkv.at(row, 2 * a.vectors() + v), row_vector(gradients.dv.panels, t, v, n_embd));
    }
  }
}

LANES_INLINE void long_attention_backward_of(const AttentionBackwardCall& call, const AttentionDocument& document) {
  const LongAttention a(call.forward, document);
  const LongGradients gradients{
      a.rows_of(call.dout, 0, document.first, a.copies[3]), a.results(call.dqkv, 0, document.first, a.copies[4]),
      a.results(call.dqkv, a.vectors(), 0, a.copies[5]), a.results(call.dqkv, 2 * a.vectors(), 0, a.copies[6])};
  for (std::size_t head = call.forward.head_begin; head < call.forward.head_end; ++head) {
    const std::size_t feature = head * a.head_dim;
    transpose_head(a.k.head(0, feature, a.head_dim), document.size, a.k_transposed, a.keys);
    transpose_head(a.v.head(0, feature, a.head_dim), document.size, a.v_transposed, a.keys);
    for (std::size_t begin = 0; begin < a.queries(); begin += kQueryBlock)
      long_head_backward(a, gradients, head, begin, std::min(kQueryBlock, a.queries() - begin));
  }
  if (!a.in_place) scatter_gradients(a, gradients, call.dqkv);
}

}  // namespace microgpt::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // MICROGPT_LONG_ATTENTION_INL_H
