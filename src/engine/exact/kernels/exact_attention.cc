// SPDX-License-Identifier: MIT
// Causal attention and its gradient. See the calls in exact_kernels.h.
//
// Queries are the lanes, keys come one after the other. Where a key comes after a query, e is 0: what it adds to a sum changes
// no bit. The gradients of keys and values are sums over queries: for these keys are the lanes, and what was computed for
// vectors of queries is transposed.
#include "simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/exact/kernels/exact_attention.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>

#include "engine/exact/kernels/exact_entry_points-inl.h"
#include "engine/exact/kernels/panel_vectors-inl.h"
#include "simd/powers-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt::exact::HWY_NAMESPACE {

// A head, and a vector of queries.
struct Queries {
  std::size_t first_feature;
  std::size_t head_dim;
  std::size_t v;      // the vector's number
  std::size_t first;  // position of its first lane
  std::size_t count;  // lanes that are positions
  std::size_t keys;   // those that the last one sees
  double* e;          // [keys], a vector every kBlock doubles
  std::size_t row;    // in total and inverse
};

DOUBLES_INLINE Queries make_queries(const AttentionCall& call, std::size_t head, std::size_t v) {
  Queries q;
  q.head_dim = call.q.features / call.n_head;
  q.first_feature = head * q.head_dim;
  q.v = v;
  q.first = v * kLanes;
  q.count = std::min(kLanes, call.positions - q.first);
  q.keys = q.first + q.count;
  q.e = call.exponentials + head * exponentials_offset(blocks_of(call.positions)) + exponentials_offset(v / kParts) +
        v % kParts * kLanes;
  q.row = head * round_up_to_block(call.positions) + q.first;
  return q;
}

// The feature of one position, in all lanes; head's features are counted from its first.
struct Keys {
  const double* base;
  DOUBLES_INLINE Keys(ConstPanels x, const Queries& q, std::size_t t) : base(&x.element(q.first_feature, t)) {}
  DOUBLES_INLINE V operator[](std::size_t j) const { return broadcast(base[j * kBlock]); }
};

DOUBLES_INLINE void attention_logits(const AttentionCall& call, const Queries& q, V scale) {
  const double* query = vector_at(call.q, q.v) + q.first_feature * kBlock;
  const V position = iota(q.first);
  V largest = zero();
  for (std::size_t t = 0; t < q.keys; ++t) {
    const Keys k(call.k, q, t);
    V sum = zero();
    for (std::size_t j = 0; j < q.head_dim; ++j) sum = hn::Add(sum, hn::Mul(load(query + j * kBlock), k[j]));
    const V logit = hn::Mul(sum, scale);
    store(logit, q.e + t * kBlock);
    if (t == 0) largest = logit;
    const M sees = hn::Ge(position, broadcast(static_cast<double>(t)));
    largest = hn::IfThenElse(sees, hn::Max(largest, logit), largest);
  }
  for (std::size_t t = 0; t < q.keys; ++t) store(hn::Sub(load(q.e + t * kBlock), largest), q.e + t * kBlock);
}

// Logits become their exponentials, or 0. In lanes that are no positions the first one becomes 1, so that all is finite.
DOUBLES_INLINE void attention_exponentials(const Queries& q) {
  for (std::size_t t = 0; t < q.keys; ++t) {
    double* e = q.e + t * kBlock;
    std::size_t lane = 0;
    for (; q.first + lane < t; ++lane) e[lane] = 0.0;
    for (; lane < q.count; ++lane) e[lane] = std::exp(e[lane]);
    for (; lane < kLanes; ++lane) e[lane] = t == 0 ? 1.0 : 0.0;
  }
}

template <std::size_t kFeatures>
DOUBLES_INLINE void weighted_values(const AttentionCall& call, const Queries& q, V inverse, std::size_t j) {
  V sums[kFeatures];
  DOUBLES_UNROLL
  for (std::size_t f = 0; f < kFeatures; ++f) sums[f] = zero();
  for (std::size_t t = 0; t < q.keys; ++t) {
    const Keys values(call.v, q, t);
    const V weight = hn::Mul(load(q.e + t * kBlock), inverse);
    DOUBLES_UNROLL
    for (std::size_t f = 0; f < kFeatures; ++f) sums[f] = hn::Add(sums[f], hn::Mul(weight, values[j + f]));
  }
  double* out = vector_at(call.out, q.v) + (q.first_feature + j) * kBlock;
  DOUBLES_UNROLL
  for (std::size_t f = 0; f < kFeatures; ++f) store(sums[f], out + f * kBlock);
}

void attention(const AttentionCall& call) {
  for (std::size_t head = 0; head < call.n_head; ++head)
    for (std::size_t v = 0; v < vectors_of(call.positions); ++v) {
      const Queries q = make_queries(call, head, v);
      attention_logits(call, q, broadcast(call.logit_scale));
      attention_exponentials(q);
      V total = zero();
      for (std::size_t t = 0; t < q.keys; ++t) total = hn::Add(total, load(q.e + t * kBlock));
      const V inverse = pow_minus_1(total, call.powers);
      store(total, call.total + q.row);
      store(inverse, call.inverse + q.row);
      std::size_t j = 0;
      for (; j + 4 <= q.head_dim; j += 4) weighted_values<4>(call, q, inverse, j);
      for (; j < q.head_dim; ++j) weighted_values<1>(call, q, inverse, j);
    }
}

// The gradients of the queries' logits, [keys], a vector every kBlock doubles.
DOUBLES_INLINE void logit_gradients(const AttentionBackwardCall& call, const Queries& q, double* gradients) {
  const AttentionCall& forward = call.forward;
  const double* dout = vector_at(call.dout, q.v) + q.first_feature * kBlock;
  const V inverse = load(forward.inverse + q.row);
  const V power = hn::Mul(broadcast(-1.0), pow_minus_2(load(forward.total + q.row), forward.powers));
  V gtot = zero();
  for (std::size_t t = q.keys; t-- > 0;) {
    const Keys values(forward.v, q, t);
    V gw = zero();
    for (std::size_t j = q.head_dim; j-- > 0;) gw = hn::Add(gw, hn::Mul(values[j], load(dout + j * kBlock)));
    gtot = hn::Add(gtot, hn::Mul(power, hn::Mul(load(q.e + t * kBlock), gw)));
    store(gw, gradients + t * kBlock);
  }
  const V scale = broadcast(forward.logit_scale);
  for (std::size_t t = 0; t < q.keys; ++t) {
    const V ge = hn::Add(hn::Mul(inverse, load(gradients + t * kBlock)), gtot);
    store(hn::Mul(scale, hn::Mul(load(q.e + t * kBlock), ge)), gradients + t * kBlock);
  }
}

template <std::size_t kFeatures>
DOUBLES_INLINE void query_gradients(const AttentionBackwardCall& call, const Queries& q, const double* gradients,
                                    std::size_t j) {
  V sums[kFeatures];
  DOUBLES_UNROLL
  for (std::size_t f = 0; f < kFeatures; ++f) sums[f] = zero();
  for (std::size_t t = q.keys; t-- > 0;) {
    const Keys k(call.forward.k, q, t);
    const V gradient = load(gradients + t * kBlock);
    DOUBLES_UNROLL
    for (std::size_t f = 0; f < kFeatures; ++f) sums[f] = hn::Add(sums[f], hn::Mul(k[j + f], gradient));
  }
  double* dq = vector_at(call.dq, q.v) + (q.first_feature + j) * kBlock;
  DOUBLES_UNROLL
  for (std::size_t f = 0; f < kFeatures; ++f) store(sums[f], dq + f * kBlock);
}

// Rows t of the queries' lanes become rows of the queries with t in the lanes; 0 from `keys` on.
DOUBLES_INLINE void transposed_keys(const double* x, std::size_t first, std::size_t keys, V* rows) {
  for (std::size_t i = 0; i < kLanes; ++i) rows[i] = first + i < keys ? load(x + (first + i) * kBlock) : zero();
  transpose(rows);
}

// Adds what a vector of queries gives to a vector of keys, the last query first.
DOUBLES_INLINE void add_to_keys(const AttentionBackwardCall& call, const Queries& q, const double* gradients, std::size_t v) {
  const AttentionCall& forward = call.forward;
  V key_terms[kLanes], value_terms[kLanes];
  transposed_keys(gradients, v * kLanes, q.keys, key_terms);
  transposed_keys(q.e, v * kLanes, q.keys, value_terms);
  double* dk = vector_at(call.dk, v) + q.first_feature * kBlock;
  double* dv = vector_at(call.dv, v) + q.first_feature * kBlock;
  const double* query = vector_at(forward.q, q.v) + q.first_feature * kBlock;
  const double* dout = vector_at(call.dout, q.v) + q.first_feature * kBlock;
  for (std::size_t i = 0; i < kLanes; ++i) value_terms[i] = hn::Mul(value_terms[i], broadcast(forward.inverse[q.row + i]));
  for (std::size_t j = 0; j < q.head_dim; ++j) {
    V keys = load(dk + j * kBlock);
    V values = load(dv + j * kBlock);
    for (std::size_t p = q.count; p-- > 0;) {
      keys = hn::Add(keys, hn::Mul(broadcast(query[j * kBlock + p]), key_terms[p]));
      values = hn::Add(values, hn::Mul(value_terms[p], broadcast(dout[j * kBlock + p])));
    }
    store(keys, dk + j * kBlock);
    store(values, dv + j * kBlock);
  }
}

void attention_backward(const AttentionBackwardCall& call) {
  const AttentionCall& forward = call.forward;
  const std::size_t size = blocks_of(forward.positions) * kBlock * forward.q.features;
  std::fill_n(call.dk.data, size, 0.0);
  std::fill_n(call.dv.data, size, 0.0);
  for (std::size_t head = 0; head < forward.n_head; ++head)
    for (std::size_t v = vectors_of(forward.positions); v-- > 0;) {
      const Queries q = make_queries(forward, head, v);
      logit_gradients(call, q, call.scratch);
      std::size_t j = 0;
      for (; j + 4 <= q.head_dim; j += 4) query_gradients<4>(call, q, call.scratch, j);
      for (; j < q.head_dim; ++j) query_gradients<1>(call, q, call.scratch, j);
      for (std::size_t key_vector = 0; key_vector <= v; ++key_vector) add_to_keys(call, q, call.scratch, key_vector);
    }
}

}  // namespace microgpt::exact::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
