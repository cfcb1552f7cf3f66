// SPDX-License-Identifier: MIT
// Adam in single precision, and the norm of a gradient. See the calls in optimizer_kernels.h.
#include "simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "optimizer/kernels/adam_f32.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "optimizer/kernels/optimizer_entry_points-inl.h"
#include "simd/lane_math-inl.h"
#include "simd/lanes-inl.h"
#include "simd/prepare_to_write-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt::optimizer_kernels::HWY_NAMESPACE {

using namespace lanes::HWY_NAMESPACE;

// kPlain: the gradient's factor and what is kept of a parameter are 1. To multiply by them would change nothing, but takes
// time.
template <bool kPlain>
LANES_INLINE void adam_of(const AdamCallF32& call) {
  const Lanes beta1 = broadcast(call.beta1);
  const Lanes beta2 = broadcast(call.beta2);
  const Lanes rest1 = broadcast(1.0F - call.beta1);
  const Lanes rest2 = broadcast(1.0F - call.beta2);
  const Lanes epsilon = broadcast(call.epsilon);
  const Lanes rate = broadcast(call.rate);
  const Lanes factor = broadcast(call.gradient_factor);
  const Lanes keep = broadcast(call.keep);
  float* const parameters = call.parameters.data();
  const float* const gradient = call.gradient.data();
  float* const ms = call.m.data();
  float* const vs = call.v.data();
  for (std::size_t i = 0; i < call.parameters.size(); i += kLanes) {
    prepare_to_write(parameters + i + kLinesAhead * kLanes);
    const Lanes g = kPlain ? load(gradient + i) : mul(factor, load(gradient + i));
    const Lanes m = mul_add(beta1, load(ms + i), mul(rest1, g));
    const Lanes v = mul_add(beta2, load(vs + i), mul(mul(rest2, g), g));
    store(m, ms + i);
    store(v, vs + i);
    const Lanes step = div(m, add(square_root(v), epsilon));
    const Lanes kept = kPlain ? load(parameters + i) : mul(keep, load(parameters + i));
    store(neg_mul_add(rate, step, kept), parameters + i);
  }
}

void adam_f32(const AdamCallF32& call) {
  const bool is_plain = call.gradient_factor == 1.0F && call.keep == 1.0F;
  is_plain ? adam_of<true>(call) : adam_of<false>(call);
}

#if HWY_TARGET == HWY_WASM
// Highway has no vectors of doubles there. The square of a float is exact, so that it need not be fused.
double sum_of_squares(std::span<const float> x) {
  double lane_totals[kLanes] = {};
  for (std::size_t i = 0; i < x.size(); i += kLanes)
    for (std::size_t j = 0; j < kLanes; ++j) lane_totals[j] += static_cast<double>(x[i + j]) * static_cast<double>(x[i + j]);
  double total = 0.0;
  for (const double sum : lane_totals) total += sum;
  return total;
}
#else
double sum_of_squares(std::span<const float> x) {
  using DoubleTag = hn::CappedTag<double, kLanes>;
  constexpr std::size_t kStep = hn::MaxLanes(DoubleTag());
  const hn::Rebind<float, DoubleTag> floats;
  hn::Vec<DoubleTag> sums[kLanes / kStep];
  for (auto& sum : sums) sum = hn::Zero(DoubleTag());
  for (std::size_t i = 0; i < x.size(); i += kLanes) LANES_UNROLL(16)
  for (std::size_t j = 0; j < kLanes / kStep; ++j) {
    const auto value = hn::PromoteTo(DoubleTag(), hn::LoadU(floats, x.data() + i + j * kStep));
    sums[j] = hn::MulAdd(value, value, sums[j]);
  }
  double lane_totals[kLanes];
  for (std::size_t j = 0; j < kLanes / kStep; ++j) hn::StoreU(sums[j], DoubleTag(), lane_totals + j * kStep);
  double total = 0.0;
  for (const double sum : lane_totals) total += sum;
  return total;
}
#endif

}  // namespace microgpt::optimizer_kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
