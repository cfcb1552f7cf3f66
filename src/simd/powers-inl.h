// SPDX-License-Identifier: MIT
// The powers that the model takes, as powers.h describes them: the nearest double, and in which lanes pow must be called.
//
// Included once per target through Highway's foreach_target.h.
#if defined(MICROGPT_POWERS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MICROGPT_POWERS_INL_H
#undef MICROGPT_POWERS_INL_H
#else
#define MICROGPT_POWERS_INL_H
#endif

#include "simd/doubles-inl.h"
#include "simd/powers.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt::doubles::HWY_NAMESPACE {

// What of a unit in the last place the exact power may differ from the double by, as a share of the double's power of two.
inline constexpr double kMaxError = (0.5 - kDistanceFromMiddle) * 0x1p-52;

using BitsTag = hn::RebindToUnsigned<Tag>;

// A double, and in which lanes pow must give it if the power is in range.
struct Rounded {
  V value;
  M is_certain;
};

// The power of two below y: of one that is a power of two itself the next one, as below that, doubles are closer to one
// another. Infinity where y is 0. REQUIRES: y >= 0.
DOUBLES_INLINE V power_of_two_below(V y) {
  const auto before = hn::Sub(hn::BitCast(BitsTag(), y), hn::Set(BitsTag(), 1));
  return hn::BitCast(Tag(), hn::And(before, hn::Set(BitsTag(), 0x7FF0000000000000)));
}

// Whether y is 0, or within the range in which the bound holds.
DOUBLES_INLINE M is_in_range(V y) {
  const M in_range = hn::And(hn::Ge(y, broadcast(kMinPower)), hn::Le(y, broadcast(kMaxPower)));
  return hn::Or(in_range, hn::Eq(y, zero()));
}

// Of an exact power y + error.
DOUBLES_INLINE M is_certain(V y, V error) {
  return hn::Lt(hn::Abs(error), hn::Mul(power_of_two_below(y), broadcast(kMaxError)));
}

// pow(x, 2)
DOUBLES_INLINE Rounded square(V x) {
  const V y = hn::Mul(x, x);
  return {y, is_certain(y, fused_mul_add(x, x, hn::Neg(y)))};
}

// The square root of x, or something close to it: whoever calls must look. Where there is an estimate of 1/sqrt(x) to begin
// with, Goldschmidt's iteration is sooner done than the root that the processor computes.
#if HWY_TARGET == HWY_SCALAR
DOUBLES_INLINE V estimated_root(V x) { return hn::Sqrt(x); }
#else
DOUBLES_INLINE V estimated_root(V x) {
  const hn::Rebind<float, Tag> floats;
  const V half = broadcast(0.5);
  const V estimate = hn::PromoteTo(Tag(), hn::ApproximateReciprocalSqrt(hn::DemoteTo(floats, x)));  // 11 bits or more
  V y = hn::Mul(x, estimate);
  V half_inverse = hn::Mul(half, estimate);
  DOUBLES_UNROLL
  for (int i = 0; i < 2; ++i) {
    const V rest = fused_neg_mul_add(y, half_inverse, half);
    y = fused_mul_add(y, rest, y);
    half_inverse = fused_mul_add(half_inverse, rest, half_inverse);
  }
  return fused_mul_add(fused_neg_mul_add(y, y, x), half_inverse, y);
}
#endif

// pow(x, 0.5); the square of the root is off by twice the root times the root's error.
DOUBLES_INLINE Rounded root(V x) {
  const M is_zero = hn::Eq(x, zero());
  const V y = hn::IfThenZeroElse(is_zero, estimated_root(x));
  const V off = hn::Abs(fused_neg_mul_add(y, y, x));
  const V most = hn::Mul(y, hn::Mul(power_of_two_below(y), broadcast(2.0 * kMaxError)));
  return {y, hn::Or(hn::Lt(off, most), is_zero)};
}

// A sum of two doubles, of which the second one is smaller than the first one's last place: nearly twice as many digits.
struct Pair {
  V high;
  V low;
};

DOUBLES_INLINE Pair sum_of_pair(V high, V low) {
  const V sum = hn::Add(high, low);
  return {sum, hn::Add(hn::Sub(high, sum), low)};
}

DOUBLES_INLINE Pair product(Pair a, Pair b) {
  const V high = hn::Mul(a.high, b.high);
  const V error = fused_mul_add(a.high, b.high, hn::Neg(high));
  return sum_of_pair(high, fused_mul_add(a.high, b.low, fused_mul_add(a.low, b.high, error)));
}

DOUBLES_INLINE Rounded rounded(Pair exact) { return {exact.high, is_certain(exact.high, exact.low)}; }

// 1 / x: one step of Newton's with the remainder of the division.
DOUBLES_INLINE Pair inverse(V x) {
  const V y = hn::Div(broadcast(1.0), x);
  return sum_of_pair(y, hn::Mul(y, fused_neg_mul_add(y, x, broadcast(1.0))));
}

// 1 / sqrt(x): y + y * (1 - x * y^2) / 2.
DOUBLES_INLINE Pair inverse_root(V x) {
  const V y = hn::Div(broadcast(1.0), hn::Sqrt(x));
  const V square = hn::Mul(y, y);
  const V square_error = fused_mul_add(y, y, hn::Neg(square));
  const V rest = fused_neg_mul_add(x, square_error, fused_neg_mul_add(x, square, broadcast(1.0)));
  return sum_of_pair(y, hn::Mul(y, hn::Mul(broadcast(0.5), rest)));
}

// The lanes that are not certain, by pow. Kept apart: it is seldom needed, and calls save all registers.
inline HWY_NOINLINE V patched(V x, double exponent, Rounded y, Pow pow) {
  double arguments[kLanes], values[kLanes], doubtful[kLanes];
  store(x, arguments);
  store(y.value, values);
  store(hn::IfThenElseZero(hn::Not(y.is_certain), broadcast(1.0)), doubtful);
  for (std::size_t i = 0; i < kLanes; ++i)
    if (doubtful[i] != 0.0) values[i] = pow(arguments[i], exponent);
  return load(values);
}

DOUBLES_INLINE V finish(V x, double exponent, Rounded y, const Powers& powers) {
  y.is_certain = powers.filtered ? hn::And(y.is_certain, is_in_range(y.value)) : hn::MaskFromVec(zero());
  if (HWY_LIKELY(hn::AllTrue(Tag(), y.is_certain))) return y.value;
  return patched(x, exponent, y, powers.pow);
}

DOUBLES_INLINE V pow_2(V x, const Powers& powers) { return finish(x, 2.0, square(x), powers); }
DOUBLES_INLINE V pow_half(V x, const Powers& powers) { return finish(x, 0.5, root(x), powers); }
DOUBLES_INLINE V pow_minus_1(V x, const Powers& powers) { return finish(x, -1.0, rounded(inverse(x)), powers); }
DOUBLES_INLINE V pow_minus_2(V x, const Powers& powers) {
  const Pair y = inverse(x);
  return finish(x, -2.0, rounded(product(y, y)), powers);
}
DOUBLES_INLINE V pow_minus_half(V x, const Powers& powers) { return finish(x, -0.5, rounded(inverse_root(x)), powers); }
DOUBLES_INLINE V pow_minus_three_halves(V x, const Powers& powers) {
  const Pair y = inverse_root(x);
  return finish(x, -1.5, rounded(product(y, product(y, y))), powers);
}

}  // namespace microgpt::doubles::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // MICROGPT_POWERS_INL_H
