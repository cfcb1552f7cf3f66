// SPDX-License-Identifier: MIT
#include "simd/power_functions.h"

#include "simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/power_functions.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <algorithm>
#include <cstdlib>

#include "simd/doubles-inl.h"
#include "simd/powers-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt::doubles::HWY_NAMESPACE {

DOUBLES_INLINE V power_of(V x, double exponent, const Powers& powers) {
  if (exponent == 2.0) return pow_2(x, powers);
  if (exponent == 0.5) return pow_half(x, powers);
  if (exponent == -0.5) return pow_minus_half(x, powers);
  if (exponent == -1.0) return pow_minus_1(x, powers);
  if (exponent == -1.5) return pow_minus_three_halves(x, powers);
  return pow_minus_2(x, powers);
}

void power_of_each(std::span<const double> x, double exponent, const Powers& powers, std::span<double> y) {
  double values[kLanes] = {};
  for (std::size_t i = 0; i < x.size(); i += kLanes) {
    const std::size_t count = std::min(kLanes, x.size() - i);
    std::copy_n(x.data() + i, count, values);
    store(power_of(load(values), exponent, powers), values);
    std::copy_n(values, count, y.data() + i);
  }
}

}  // namespace microgpt::doubles::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace microgpt::testing {

#define MICROGPT_CALL(name, highway) \
  case Target::name:                 \
    return doubles::N_##highway::power_of_each(x, exponent, powers, y);

void power(Target target, std::span<const double> x, double exponent, const Powers& powers, std::span<double> y) {
  switch (target) {
    MICROGPT_FOR_EACH_TARGET(MICROGPT_CALL)
    default:
      std::abort();
  }
}

}  // namespace microgpt::testing
#endif
