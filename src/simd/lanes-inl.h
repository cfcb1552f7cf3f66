// SPDX-License-Identifier: MIT
// A vector of 16 floats on every instruction set, so that each kernel is written once and rounds alike everywhere.
//
// `Lanes` is one register of AVX-512, two of AVX2, four of NEON, or sixteen numbers. Every function here is exactly rounded
// per lane (fused multiply-add included; `scalar` calls std::fma) or moves data, and sums over lanes have one fixed tree:
// what is built from them has the same bits on all targets.
//
// Included once per target, by what is compiled for each, through Highway's foreach_target.h.
#if defined(MICROGPT_LANES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MICROGPT_LANES_INL_H
#undef MICROGPT_LANES_INL_H
#else
#define MICROGPT_LANES_INL_H
#endif

#include <hwy/highway.h>

#include <cmath>
#include <cstddef>
#include <cstdint>

#ifdef __wasm__
#include "simd/wasm_fused.h"
#endif

// What keeps the sixteen lanes in registers: functions are inlined and short loops unrolled. Sixteen numbers do not fit the
// registers anyway, and it would only take long to compile.
#undef LANES_INLINE
#undef LANES_UNROLL
#undef LANES_COLD
#define LANES_COLD HWY_NOINLINE __attribute__((cold))  // seldom needed: small, and not copied for each call
#if HWY_TARGET == HWY_SCALAR
#define LANES_INLINE inline
#define LANES_UNROLL(n) HWY_UNROLL(1)
#else
#define LANES_INLINE HWY_INLINE
#define LANES_UNROLL(n) HWY_UNROLL(n)
#endif

HWY_BEFORE_NAMESPACE();
namespace microgpt::lanes::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

inline constexpr std::size_t kLanes = 16;

using Tag = hn::CappedTag<float, kLanes>;
using IntTag = hn::RebindToSigned<Tag>;
using Part = hn::Vec<Tag>;
inline constexpr std::size_t kPartLanes = hn::MaxLanes(Tag());
inline constexpr std::size_t kParts = kLanes / kPartLanes;

struct Lanes {
  Part part[kParts];
};

// What is written for part i, for each of them: not a loop where it need not be one, as compilers take much longer over those.
#undef LANES_EACH_PART
#define LANES_PART(number, ...)       \
  {                                   \
    constexpr std::size_t i = number; \
    __VA_ARGS__;                      \
  }
#if HWY_TARGET == HWY_SCALAR
#define LANES_EACH_PART(...) \
  HWY_UNROLL(1) for (std::size_t i = 0; i < kParts; ++i) { __VA_ARGS__; }
#elif HWY_TARGET == HWY_AVX3
#define LANES_EACH_PART(...) LANES_PART(0, __VA_ARGS__)
#elif HWY_TARGET == HWY_AVX2
#define LANES_EACH_PART(...) \
  { LANES_PART(0, __VA_ARGS__) LANES_PART(1, __VA_ARGS__) }
#else
#define LANES_EACH_PART(...) \
  { LANES_PART(0, __VA_ARGS__) LANES_PART(1, __VA_ARGS__) LANES_PART(2, __VA_ARGS__) LANES_PART(3, __VA_ARGS__) }
#endif

inline constexpr float kMinusInfinity = -1e30F;  // a logit that is none: finite, so that differences of two are numbers

// p: [16], of any alignment; those that lie in the engine's buffers are aligned to 64 bytes, which is faster.
LANES_INLINE Lanes load(const float* HWY_RESTRICT p) {
  Lanes v;
  LANES_EACH_PART(v.part[i] = hn::LoadU(Tag(), p + i * kPartLanes));
  return v;
}

LANES_INLINE void store(Lanes v, float* HWY_RESTRICT p) { LANES_EACH_PART(hn::StoreU(v.part[i], Tag(), p + i * kPartLanes)); }

LANES_INLINE Lanes broadcast(float x) {
  Lanes v;
  LANES_EACH_PART(v.part[i] = hn::Set(Tag(), x));
  return v;
}

LANES_INLINE float first_lane(Lanes v) { return hn::GetLane(v.part[0]); }

LANES_INLINE Lanes zero() { return broadcast(0.0F); }

LANES_INLINE Lanes add(Lanes a, Lanes b) {
  LANES_EACH_PART(a.part[i] = hn::Add(a.part[i], b.part[i]));
  return a;
}

LANES_INLINE Lanes sub(Lanes a, Lanes b) {
  LANES_EACH_PART(a.part[i] = hn::Sub(a.part[i], b.part[i]));
  return a;
}

LANES_INLINE Lanes mul(Lanes a, Lanes b) {
  LANES_EACH_PART(a.part[i] = hn::Mul(a.part[i], b.part[i]));
  return a;
}

LANES_INLINE Lanes div(Lanes a, Lanes b) {
  LANES_EACH_PART(a.part[i] = hn::Div(a.part[i], b.part[i]));
  return a;
}

LANES_INLINE void add_to(float* sum, Lanes x) { store(add(load(sum), x), sum); }

// a where it is larger, else b. REQUIRES: no NaN, on which instruction sets differ.
LANES_INLINE Lanes max(Lanes a, Lanes b) {
  LANES_EACH_PART(a.part[i] = hn::Max(a.part[i], b.part[i]));
  return a;
}

// c - a * b and a * b + c, rounded once. Highway's own round twice where the instruction set has none that does.
#if HWY_TARGET == HWY_SCALAR
LANES_INLINE Part neg_fused(Part a, Part b, Part c) { return Part(std::fma(-a.raw, b.raw, c.raw)); }
LANES_INLINE Part fused(Part a, Part b, Part c) { return Part(std::fma(a.raw, b.raw, c.raw)); }
#elif HWY_TARGET == HWY_WASM
LANES_INLINE Part neg_fused(Part a, Part b, Part c) { return Part{wasm_fused::neg_mul_add(a.raw, b.raw, c.raw)}; }
LANES_INLINE Part fused(Part a, Part b, Part c) { return Part{wasm_fused::mul_add(a.raw, b.raw, c.raw)}; }
#else
LANES_INLINE Part neg_fused(Part a, Part b, Part c) { return hn::NegMulAdd(a, b, c); }
LANES_INLINE Part fused(Part a, Part b, Part c) { return hn::MulAdd(a, b, c); }
#endif

// a * b + c, rounded once.
LANES_INLINE Lanes mul_add(Lanes a, Lanes b, Lanes c) {
  LANES_EACH_PART(c.part[i] = fused(a.part[i], b.part[i], c.part[i]));
  return c;
}

// a * b - c, rounded once.
LANES_INLINE Lanes mul_sub(Lanes a, Lanes b, Lanes c) {
#if HWY_TARGET == HWY_SCALAR
  LANES_EACH_PART(c.part[i].raw = std::fma(a.part[i].raw, b.part[i].raw, -c.part[i].raw));
#elif HWY_TARGET == HWY_WASM
  LANES_EACH_PART(c.part[i] = fused(a.part[i], b.part[i], hn::Neg(c.part[i])));
#else
  LANES_EACH_PART(c.part[i] = hn::MulSub(a.part[i], b.part[i], c.part[i]));
#endif
  return c;
}

// c - a * b, rounded once.
LANES_INLINE Lanes neg_mul_add(Lanes a, Lanes b, Lanes c) {
  LANES_EACH_PART(c.part[i] = neg_fused(a.part[i], b.part[i], c.part[i]));
  return c;
}

// Lane by lane: x where a > b, else 0.
LANES_INLINE Lanes where_greater(Lanes a, Lanes b, Lanes x) {
  LANES_EACH_PART(x.part[i] = hn::IfThenElseZero(hn::Gt(a.part[i], b.part[i]), x.part[i]));
  return x;
}

// Bit by bit.
LANES_INLINE Lanes bits_and(Lanes a, Lanes b) {
  LANES_EACH_PART(a.part[i] = hn::And(a.part[i], b.part[i]));
  return a;
}

// The first n lanes of a, the others of b; n >= 0, and all of a where n >= 16.
LANES_INLINE Lanes first_lanes(Lanes a, std::size_t n, Lanes b) {
  LANES_EACH_PART(const std::size_t begin = i * kPartLanes; const std::size_t count = n > begin ? n - begin : 0;
                  a.part[i] = hn::IfThenElse(hn::FirstN(Tag(), count < kPartLanes ? count : kPartLanes), a.part[i], b.part[i]));
  return a;
}

// All bits of the first n lanes, none of the others.
LANES_INLINE Lanes first_bits(std::size_t n) {
  Lanes ones;
  LANES_EACH_PART(ones.part[i] = hn::BitCast(Tag(), hn::Set(IntTag(), -1)));
  return first_lanes(ones, n, zero());
}

// One tree of additions over the 16 lanes of each of 16 vectors; lane i of the result belongs to rows[i]. Within each four
// lanes (x0 + x2) + (x1 + x3), then over the four sums likewise.
//
// The same tree with `max` in place of `add` is lane_maxima().
#if HWY_TARGET == HWY_SCALAR

template <typename Combine>
LANES_INLINE float reduce_lanes(const Lanes& v, Combine combine) {
  float four[4];
  for (std::size_t i = 0; i < 4; ++i) {
    const Part* x = v.part + 4 * i;
    four[i] = combine(combine(x[0].raw, x[2].raw), combine(x[1].raw, x[3].raw));
  }
  return combine(combine(four[0], four[2]), combine(four[1], four[3]));
}

struct Adding {
  float operator()(float a, float b) const { return a + b; }
};
struct Larger {
  float operator()(float a, float b) const { return a > b ? a : b; }
};

template <typename Combine>
LANES_INLINE Lanes reduce_16_rows(const Lanes* rows) {
  Lanes result;
  for (std::size_t i = 0; i < kLanes; ++i) result.part[i] = Part(reduce_lanes(rows[i], Combine()));
  return result;
}

// out[i][j] = rows[j][i].
LANES_INLINE void transpose(Lanes* rows) {
  for (std::size_t i = 0; i < kLanes; ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const Part x = rows[i].part[j];
      rows[i].part[j] = rows[j].part[i];
      rows[j].part[i] = x;
    }
}

#else

struct Adding {
  LANES_INLINE Part operator()(Part a, Part b) const { return hn::Add(a, b); }
};
struct Larger {
  LANES_INLINE Part operator()(Part a, Part b) const { return hn::Max(a, b); }
};

LANES_INLINE Part interleave_lower_pairs(Part a, Part b) {
  const hn::Repartition<double, Tag> d64;
  return hn::BitCast(Tag(), hn::InterleaveLower(d64, hn::BitCast(d64, a), hn::BitCast(d64, b)));
}

LANES_INLINE Part interleave_upper_pairs(Part a, Part b) {
  const hn::Repartition<double, Tag> d64;
  return hn::BitCast(Tag(), hn::InterleaveUpper(d64, hn::BitCast(d64, a), hn::BitCast(d64, b)));
}

// In each block of four lanes the reduced blocks of a, b, c and d.
template <typename Combine>
LANES_INLINE Part reduce_blocks(Part a, Part b, Part c, Part d) {
  const Combine combine;
  const Part ab = combine(hn::InterleaveLower(Tag(), a, b), hn::InterleaveUpper(Tag(), a, b));
  const Part cd = combine(hn::InterleaveLower(Tag(), c, d), hn::InterleaveUpper(Tag(), c, d));
  return combine(interleave_lower_pairs(ab, cd), interleave_upper_pairs(ab, cd));
}

template <typename Combine>
LANES_INLINE Lanes reduce_16_rows(const Lanes* rows) {
  const Combine combine;
  Lanes quads[4];  // quads[q]: block b has the reduced block b of rows 4q to 4q + 3
  for (std::size_t q = 0; q < 4; ++q)
    LANES_EACH_PART(quads[q].part[i] = reduce_blocks<Combine>(rows[4 * q].part[i], rows[4 * q + 1].part[i],
                                                              rows[4 * q + 2].part[i], rows[4 * q + 3].part[i]));
  Lanes result;
  if constexpr (kParts == 1) {
    // (b0 + b2, b1 + b3) of two quads in one vector, then the sum of its neighbours.
    const auto halves = [&](const Lanes& a, const Lanes& b) HWY_ATTR {
      return combine(hn::ConcatLowerLower(Tag(), b.part[0], a.part[0]), hn::ConcatUpperUpper(Tag(), b.part[0], a.part[0]));
    };
    const Part even = halves(quads[0], quads[2]);
    const Part odd = halves(quads[1], quads[3]);
    result.part[0] =
        combine(hn::OddEvenBlocks(hn::SwapAdjacentBlocks(odd), even), hn::OddEvenBlocks(odd, hn::SwapAdjacentBlocks(even)));
  } else if constexpr (kParts == 2) {
    for (std::size_t i = 0; i < 2; ++i) {
      const Part a = combine(quads[2 * i].part[0], quads[2 * i].part[1]);
      const Part b = combine(quads[2 * i + 1].part[0], quads[2 * i + 1].part[1]);
      result.part[i] = combine(hn::ConcatLowerLower(Tag(), b, a), hn::ConcatUpperUpper(Tag(), b, a));
    }
  } else {
    for (std::size_t i = 0; i < 4; ++i)
      result.part[i] = combine(combine(quads[i].part[0], quads[i].part[2]), combine(quads[i].part[1], quads[i].part[3]));
  }
  return result;
}

// Four by four within each block: a becomes the first lanes of a, b, c, d, and so on.
LANES_INLINE void transpose_blocks(Part& a, Part& b, Part& c, Part& d) {
  const Part ab_low = hn::InterleaveLower(Tag(), a, b);
  const Part ab_high = hn::InterleaveUpper(Tag(), a, b);
  const Part cd_low = hn::InterleaveLower(Tag(), c, d);
  const Part cd_high = hn::InterleaveUpper(Tag(), c, d);
  a = interleave_lower_pairs(ab_low, cd_low);
  b = interleave_upper_pairs(ab_low, cd_low);
  c = interleave_lower_pairs(ab_high, cd_high);
  d = interleave_upper_pairs(ab_high, cd_high);
}

// out[i][j] = rows[j][i]: first within blocks of four by four, then the blocks.
LANES_INLINE void transpose(Lanes* rows) {
  for (std::size_t q = 0; q < 4; ++q)
    LANES_EACH_PART(
        transpose_blocks(rows[4 * q].part[i], rows[4 * q + 1].part[i], rows[4 * q + 2].part[i], rows[4 * q + 3].part[i]));
  for (std::size_t r = 0; r < 4; ++r) {
    Lanes a = rows[r], b = rows[4 + r], c = rows[8 + r], d = rows[12 + r];
    if constexpr (kParts == 1) {
      const Part ac_low = hn::ConcatLowerLower(Tag(), c.part[0], a.part[0]);   // a0 a1 c0 c1
      const Part ac_high = hn::ConcatUpperUpper(Tag(), c.part[0], a.part[0]);  // a2 a3 c2 c3
      const Part bd_low = hn::ConcatLowerLower(Tag(), d.part[0], b.part[0]);
      const Part bd_high = hn::ConcatUpperUpper(Tag(), d.part[0], b.part[0]);
      rows[r].part[0] = hn::OddEvenBlocks(hn::SwapAdjacentBlocks(bd_low), ac_low);
      rows[4 + r].part[0] = hn::OddEvenBlocks(bd_low, hn::SwapAdjacentBlocks(ac_low));
      rows[8 + r].part[0] = hn::OddEvenBlocks(hn::SwapAdjacentBlocks(bd_high), ac_high);
      rows[12 + r].part[0] = hn::OddEvenBlocks(bd_high, hn::SwapAdjacentBlocks(ac_high));
    } else if constexpr (kParts == 2) {
      for (std::size_t i = 0; i < 2; ++i) {
        rows[8 * i + r].part[0] = hn::ConcatLowerLower(Tag(), b.part[i], a.part[i]);
        rows[8 * i + r].part[1] = hn::ConcatLowerLower(Tag(), d.part[i], c.part[i]);
        rows[8 * i + 4 + r].part[0] = hn::ConcatUpperUpper(Tag(), b.part[i], a.part[i]);
        rows[8 * i + 4 + r].part[1] = hn::ConcatUpperUpper(Tag(), d.part[i], c.part[i]);
      }
    } else {
      for (std::size_t i = 0; i < 4; ++i) {
        rows[4 * i + r].part[0] = a.part[i];
        rows[4 * i + r].part[1] = b.part[i];
        rows[4 * i + r].part[2] = c.part[i];
        rows[4 * i + r].part[3] = d.part[i];
      }
    }
  }
}

#endif

// The same tree over the lanes of one vector, in every lane.
template <typename Combine>
LANES_INLINE Lanes reduce_and_broadcast(Lanes x) {
  const Combine combine;
#if HWY_TARGET == HWY_SCALAR
  const Part reduced(reduce_lanes(x, combine));
  for (std::size_t i = 0; i < kLanes; ++i) x.part[i] = reduced;
#else
  LANES_EACH_PART(const Part halves = combine(x.part[i], hn::Shuffle1032(x.part[i]));
                  x.part[i] = combine(halves, hn::Shuffle2301(halves)));
  if constexpr (kParts == 1) {
    const Part halves = combine(x.part[0], hn::ConcatLowerUpper(Tag(), x.part[0], x.part[0]));
    x.part[0] = combine(halves, hn::SwapAdjacentBlocks(halves));
  } else if constexpr (kParts == 2) {
    const Part halves = combine(x.part[0], x.part[1]);
    x.part[0] = combine(halves, hn::ConcatLowerUpper(Tag(), halves, halves));
    x.part[1] = x.part[0];
  } else {
    x.part[0] = combine(combine(x.part[0], x.part[2]), combine(x.part[1], x.part[3]));
    x.part[1] = x.part[2] = x.part[3] = x.part[0];
  }
#endif
  return x;
}

LANES_INLINE Lanes broadcast_sum(Lanes x) { return reduce_and_broadcast<Adding>(x); }
LANES_INLINE Lanes broadcast_maximum(Lanes x) { return reduce_and_broadcast<Larger>(x); }

LANES_INLINE Lanes lane_sums(const Lanes* rows) { return reduce_16_rows<Adding>(rows); }
LANES_INLINE Lanes lane_maxima(const Lanes* rows) { return reduce_16_rows<Larger>(rows); }

}  // namespace microgpt::lanes::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // MICROGPT_LANES_INL_H
