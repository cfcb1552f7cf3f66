// SPDX-License-Identifier: MIT
// a * b + c and c - a * b of four floats, rounded once, in WebAssembly.
//
// Relaxed SIMD leaves it to the browser whether its instruction rounds once or twice: it does what the processor does best. The
// module that is compiled for it is used where a test at its start finds that it rounds once. The other module computes it from
// what every browser has.
#pragma once

#include <wasm_simd128.h>

namespace microgpt::wasm_fused {

#ifdef __wasm_relaxed_simd__

inline v128_t mul_add(v128_t a, v128_t b, v128_t c) { return wasm_f32x4_relaxed_madd(a, b, c); }
inline v128_t neg_mul_add(v128_t a, v128_t b, v128_t c) { return wasm_f32x4_relaxed_nmadd(a, b, c); }

#else

// Two products of floats are exact as doubles, and the sum of one with a third float is rounded to a double: all that can go
// wrong is when that lies exactly between two floats, because the first rounding took it there. Then it is made odd, which
// is "rounding to odd": its last bit is set where the sum was not exact, towards what was lost.
// Source: Boldo and Melquiond 2008, "Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd".
inline v128_t sum_to_odd(v128_t product, v128_t c, v128_t sum) {
  // Knuth's TwoSum: sum + error is exact.
  const v128_t virtual_c = wasm_f64x2_sub(sum, product);
  const v128_t error = wasm_f64x2_add(wasm_f64x2_sub(product, wasm_f64x2_sub(sum, virtual_c)), wasm_f64x2_sub(c, virtual_c));
  const v128_t zero = wasm_f64x2_splat(0.0);
  const v128_t is_inexact = wasm_f64x2_ne(error, zero);
  const v128_t is_even = wasm_i64x2_eq(wasm_v128_and(sum, wasm_i64x2_splat(1)), wasm_i64x2_splat(0));
  // One step of the last place up where the error has the sign of the sum, and else down.
  const v128_t signs_differ = wasm_i64x2_shr(wasm_v128_xor(sum, error), 63);
  const v128_t step =
      wasm_v128_or(wasm_v128_and(signs_differ, wasm_i64x2_splat(-1)), wasm_v128_andnot(wasm_i64x2_splat(1), signs_differ));
  return wasm_i64x2_add(sum, wasm_v128_and(step, wasm_v128_and(is_inexact, is_even)));
}

struct Halves {
  v128_t product;
  v128_t c;
  v128_t sum;
};

inline Halves low_halves(v128_t a, v128_t b, v128_t c) {
  const v128_t product = wasm_f64x2_mul(wasm_f64x2_promote_low_f32x4(a), wasm_f64x2_promote_low_f32x4(b));
  const v128_t wide_c = wasm_f64x2_promote_low_f32x4(c);
  return {product, wide_c, wasm_f64x2_add(product, wide_c)};
}

inline v128_t is_tie(v128_t sum) {
  return wasm_i64x2_eq(wasm_v128_and(sum, wasm_i64x2_splat(0x1FFFFFFF)), wasm_i64x2_splat(0x10000000));
}

inline v128_t high_half(v128_t x) { return wasm_i32x4_shuffle(x, x, 2, 3, 2, 3); }

inline v128_t narrowed(v128_t low, v128_t high) {
  return wasm_i32x4_shuffle(wasm_f32x4_demote_f64x2_zero(low), wasm_f32x4_demote_f64x2_zero(high), 0, 1, 4, 5);
}

__attribute__((noinline, cold)) inline v128_t mul_add_of_ties(Halves low, Halves high) {
  return narrowed(sum_to_odd(low.product, low.c, low.sum), sum_to_odd(high.product, high.c, high.sum));
}

// It is long, and the kernels have thousands of them: inlined only where most are computed.
#ifdef MICROGPT_INLINE_FUSED
inline namespace inlined {
inline
#else
inline namespace called {
__attribute__((noinline)) inline
#endif
    v128_t
    mul_add(v128_t a, v128_t b, v128_t c) {
  const Halves low = low_halves(a, b, c);
  const Halves high = low_halves(high_half(a), high_half(b), high_half(c));
  if (__builtin_expect(wasm_v128_any_true(wasm_v128_or(is_tie(low.sum), is_tie(high.sum))), 0))
    return mul_add_of_ties(low, high);
  return narrowed(low.sum, high.sum);
}
}

inline v128_t neg_mul_add(v128_t a, v128_t b, v128_t c) { return mul_add(wasm_f32x4_neg(a), b, c); }

#endif

}  // namespace microgpt::wasm_fused
