// SPDX-License-Identifier: MIT
// Functions of 16 lanes from arithmetic alone, so that they have the same bits on every instruction set: no library function
// and no approximate instruction, which differ from one processor to the next.
#if defined(MICROGPT_LANE_MATH_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MICROGPT_LANE_MATH_INL_H
#undef MICROGPT_LANE_MATH_INL_H
#else
#define MICROGPT_LANE_MATH_INL_H
#endif

#include "simd/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt::lanes::HWY_NAMESPACE {

// e^x for x <= 40: 2^n times 2^r, |r| <= 1/2, by a polynomial. Within 2 ulp above x = -80; 0 from there down, so that no
// denormal number comes up, on which processors are slow, and 0 where x is no number.
LANES_INLINE Lanes exp(Lanes x) {
  // 2^r: the polynomial of least relative error over |r| <= 1/2 among those with the value 1 at 0.
  constexpr float kC1 = 0.693147182F, kC2 = 0.240226477F, kC3 = 0.0555033237F, kC4 = 0.00961843692F, kC5 = 0.00133988739F,
                  kC6 = 0.00015353362F;
  constexpr float kLog2E = 1.44269502F, kLog2ERest = 1.92596303e-8F;
  constexpr float kRounding = 12582912.0F;  // 1.5 * 2^23: a sum with it has no bits for a fraction
  constexpr float kMin = -80.0F;
  const Lanes lowest = broadcast(kMin);
  const Lanes y = max(x, lowest);
  const Lanes shifted = mul_add(y, broadcast(kLog2E), broadcast(kRounding));
  const Lanes n = sub(shifted, broadcast(kRounding));
  const Lanes r = mul_add(y, broadcast(kLog2ERest), mul_sub(y, broadcast(kLog2E), n));
  const Lanes r2 = mul(r, r);
  const Lanes p01 = mul_add(r, broadcast(kC1), broadcast(1.0F));
  const Lanes p23 = mul_add(r, broadcast(kC3), broadcast(kC2));
  const Lanes p45 = mul_add(r, broadcast(kC5), broadcast(kC4));
  const Lanes p456 = mul_add(r2, broadcast(kC6), p45);
  Lanes result = mul_add(mul_add(p456, r2, p23), r2, p01);
  LANES_EACH_PART(const auto exponent = hn::ShiftLeft<23>(hn::BitCast(IntTag(), shifted.part[i]));
                  result.part[i] = hn::BitCast(Tag(), hn::Add(hn::BitCast(IntTag(), result.part[i]), exponent)));
  return where_greater(x, lowest, result);
}

// ln x for normal x > 0, by 2 artanh((m - 1) / (m + 1)) of the mantissa m in [sqrt(1/2), sqrt(2)); error below 2e-7 absolute
// and relative to ln x for x >= 2.
LANES_INLINE Lanes log(Lanes x) {
  constexpr std::int32_t kSqrtHalfBits = 0x3F3504F3;
  constexpr float kLn2 = 0.693147182F;
  Lanes n, m;
  LANES_EACH_PART(const auto bits = hn::Sub(hn::BitCast(IntTag(), x.part[i]), hn::Set(IntTag(), kSqrtHalfBits));
                  const auto exponent = hn::ShiftRight<23>(bits); n.part[i] = hn::ConvertTo(Tag(), exponent);
                  m.part[i] = hn::BitCast(Tag(), hn::Sub(hn::BitCast(IntTag(), x.part[i]), hn::ShiftLeft<23>(exponent))));
  const Lanes one = broadcast(1.0F);
  const Lanes s = div(sub(m, one), add(m, one));
  const Lanes s2 = mul(s, s);
  Lanes series = broadcast(2.0F / 9);
  series = mul_add(series, s2, broadcast(2.0F / 7));
  series = mul_add(series, s2, broadcast(2.0F / 5));
  series = mul_add(series, s2, broadcast(2.0F / 3));
  series = mul_add(series, s2, broadcast(2.0F));
  return mul_add(n, broadcast(kLn2), mul(series, s));
}

// For normal x > 0, y near x^-1/2 with the remainder e = 1 - x y^2, which is at most 0.07, and the rest of (1 - e)^-1/2 - 1
// over e. Half the bits of a float, subtracted from a constant, are nearly the bits of the root's inverse (a straight line for
// the logarithm); the polynomial is the one of least relative error for those remainders.
struct NearInverseSqrt {
  Lanes y, xy, e, correction;
};

LANES_INLINE NearInverseSqrt near_inverse_sqrt(Lanes x) {
  constexpr std::int32_t kBits = 0x5F375000;
  constexpr float kC1 = 0.49999833F, kC2 = 0.37499892F, kC3 = 0.31393666F, kC4 = 0.27455163F;
  NearInverseSqrt n;
  LANES_EACH_PART(const auto half = hn::ShiftRight<1>(hn::BitCast(IntTag(), x.part[i]));
                  n.y.part[i] = hn::BitCast(Tag(), hn::Sub(hn::Set(IntTag(), kBits), half)));
  n.xy = mul(x, n.y);
  n.e = neg_mul_add(n.xy, n.y, broadcast(1.0F));
  const Lanes c12 = mul_add(n.e, broadcast(kC2), broadcast(kC1));
  const Lanes c34 = mul_add(n.e, broadcast(kC4), broadcast(kC3));
  n.correction = mul_add(mul(n.e, n.e), c34, c12);
  return n;
}

// x^-1/2 and x^1/2 within 2 ulp, for normal x > 0; the root of 0 is 0. Faster than the instruction, which occupies the unit
// that divides, and not exactly rounded.
LANES_INLINE Lanes inverse_sqrt(Lanes x) {
  const NearInverseSqrt n = near_inverse_sqrt(x);
  return mul_add(mul(n.y, n.e), n.correction, n.y);
}

LANES_INLINE Lanes square_root(Lanes x) {
  const NearInverseSqrt n = near_inverse_sqrt(x);
  return mul_add(mul(n.xy, n.e), n.correction, n.xy);
}

}  // namespace microgpt::lanes::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // MICROGPT_LANE_MATH_INL_H
