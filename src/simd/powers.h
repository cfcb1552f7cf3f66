// SPDX-License-Identifier: MIT
// Powers with the bits of the C library's pow, most of them without calling it.
//
// pow(x, y) is within a bound of the exact power, a little more than half a unit in the last place. Where the exact power is
// further from the middle of two neighbouring doubles than the rest of that bound, pow has no choice: it gives the double that
// is nearest. The kernels compute the nearest double and how far from it the exact power lies, and call pow only where that
// is close to the middle, at a power of two, or where the power is beyond 2^-100 or 2^100, where the bound is another one.
//
// Source of the bound: glibc's sysdeps/ieee754/dbl-64/e_pow.c: 0.511 + 1024 ln 2 * relative error of its logarithm, at most
// 0.5142 for such powers, with fused multiply-add or without. Another C library may have another bound: that is what
// pow_keeps_its_bound() is for.
#pragma once

namespace microgpt {

// How far from the middle of two doubles the exact power must be, in units in the last place: 0.0156 where 0.0142 is enough.
inline constexpr double kDistanceFromMiddle = 1.0 / 64;

// Results beyond these are left to pow.
inline constexpr double kMinPower = 0x1p-100;
inline constexpr double kMaxPower = 0x1p100;

using Pow = double (*)(double, double);

struct Powers {
  Pow pow;
  bool filtered;  // whether pow is called only where it must be
};

// Whether `pow` gives the nearest double for arguments whose powers lie as close to the middle as the kernels take for far
// enough. A pow whose error is greater than the bound fails this, whatever it is greater by that matters here.
bool pow_keeps_its_bound(Pow pow);

// The C library's pow, filtered if it keeps its bound. The first call finds out.
Powers libm_powers();

}  // namespace microgpt
