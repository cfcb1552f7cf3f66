// SPDX-License-Identifier: MIT
// Vectors of doubles: as many lanes as an instruction set has, but at most eight.
//
// Included once per target through Highway's foreach_target.h.
#if defined(MICROGPT_DOUBLES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MICROGPT_DOUBLES_INL_H
#undef MICROGPT_DOUBLES_INL_H
#else
#define MICROGPT_DOUBLES_INL_H
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

// What keeps the chains of sums in registers.
#undef DOUBLES_INLINE
#undef DOUBLES_UNROLL
#define DOUBLES_INLINE HWY_INLINE
#define DOUBLES_UNROLL HWY_UNROLL(8)

HWY_BEFORE_NAMESPACE();
namespace microgpt::doubles::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

inline constexpr std::size_t kMaxLanes = 8;

using Tag = hn::CappedTag<double, kMaxLanes>;
using V = hn::Vec<Tag>;
using M = hn::Mask<Tag>;
inline constexpr std::size_t kLanes = hn::MaxLanes(Tag());

DOUBLES_INLINE V load(const double* p) { return hn::LoadU(Tag(), p); }
DOUBLES_INLINE void store(V v, double* p) { hn::StoreU(v, Tag(), p); }
DOUBLES_INLINE V broadcast(double x) { return hn::Set(Tag(), x); }
DOUBLES_INLINE V zero() { return hn::Zero(Tag()); }

// The lane's number, from `first`.
DOUBLES_INLINE V iota(std::size_t first) { return hn::Iota(Tag(), static_cast<double>(first)); }

// a * b + c and c - a * b, rounded once. Only for what measures errors: the sums of the model are rounded twice.
#if HWY_TARGET == HWY_SCALAR && defined(__wasm__)
// There is no such instruction, and the C library's fma takes ten times as long as this: a product and its error, to which the
// larger one is added first. That sum is exact where c is near -a * b, as it is for what measures errors, and else the result
// may be off by little more than half a unit in the last place. REQUIRES: products neither overflow nor underflow.
// Source: Dekker 1971, "A floating-point technique for extending the available precision".
inline constexpr bool kHasFused = false;

DOUBLES_INLINE double fused_mul_add(double a, double b, double c) {
  constexpr double kSplitter = 0x1p27 + 1.0;
  const double product = a * b;
  const double a_scaled = kSplitter * a, b_scaled = kSplitter * b;
  const double a_high = a_scaled - (a_scaled - a), b_high = b_scaled - (b_scaled - b);
  const double a_low = a - a_high, b_low = b - b_high;
  const double error = a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low);
  return (c + product) + error;
}
DOUBLES_INLINE V fused_mul_add(V a, V b, V c) { return V(fused_mul_add(a.raw, b.raw, c.raw)); }
DOUBLES_INLINE V fused_neg_mul_add(V a, V b, V c) { return V(fused_mul_add(-a.raw, b.raw, c.raw)); }
#elif HWY_TARGET == HWY_SCALAR
inline constexpr bool kHasFused = true;

DOUBLES_INLINE V fused_mul_add(V a, V b, V c) { return V(std::fma(a.raw, b.raw, c.raw)); }
DOUBLES_INLINE V fused_neg_mul_add(V a, V b, V c) { return V(std::fma(-a.raw, b.raw, c.raw)); }
#else
inline constexpr bool kHasFused = true;

DOUBLES_INLINE V fused_mul_add(V a, V b, V c) { return hn::MulAdd(a, b, c); }
DOUBLES_INLINE V fused_neg_mul_add(V a, V b, V c) { return hn::NegMulAdd(a, b, c); }
#endif

// Rows become columns.
#if HWY_TARGET == HWY_SCALAR
DOUBLES_INLINE void transpose(V*) {}
#else
DOUBLES_INLINE void transpose(V* rows) {
  DOUBLES_UNROLL
  for (std::size_t i = 0; i < kLanes; i += 2) {
    const V a = rows[i], b = rows[i + 1];
    rows[i] = hn::InterleaveLower(Tag(), a, b);
    rows[i + 1] = hn::InterleaveUpper(Tag(), a, b);
  }
  if constexpr (kLanes == 4) {
    DOUBLES_UNROLL
    for (std::size_t i = 0; i < 2; ++i) {
      const V a = rows[i], b = rows[i + 2];
      rows[i] = hn::ConcatLowerLower(Tag(), b, a);
      rows[i + 2] = hn::ConcatUpperUpper(Tag(), b, a);
    }
  }
  if constexpr (kLanes == 8) {
    DOUBLES_UNROLL
    for (std::size_t i = 0; i < 2; ++i) {
      const V a = rows[i], b = rows[i + 2], c = rows[i + 4], d = rows[i + 6];
      const V ab_even = hn::OddEvenBlocks(hn::SwapAdjacentBlocks(b), a);
      const V ab_odd = hn::OddEvenBlocks(b, hn::SwapAdjacentBlocks(a));
      const V cd_even = hn::OddEvenBlocks(hn::SwapAdjacentBlocks(d), c);
      const V cd_odd = hn::OddEvenBlocks(d, hn::SwapAdjacentBlocks(c));
      rows[i] = hn::ConcatLowerLower(Tag(), cd_even, ab_even);
      rows[i + 2] = hn::ConcatLowerLower(Tag(), cd_odd, ab_odd);
      rows[i + 4] = hn::ConcatUpperUpper(Tag(), cd_even, ab_even);
      rows[i + 6] = hn::ConcatUpperUpper(Tag(), cd_odd, ab_odd);
    }
  }
}
#endif

// Only the first `count` lanes are stored.
DOUBLES_INLINE void store_first(V v, std::size_t count, double* p) {
  if (count >= kLanes) return store(v, p);
  hn::BlendedStore(v, hn::FirstN(Tag(), count), Tag(), p);
}

}  // namespace microgpt::doubles::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // MICROGPT_DOUBLES_INL_H
