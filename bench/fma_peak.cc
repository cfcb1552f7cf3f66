// SPDX-License-Identifier: MIT
#include "bench/fma_peak.h"

#include "simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bench/fma_peak.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <cstddef>

HWY_BEFORE_NAMESPACE();
namespace microgpt::bench::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// At least latency times units, which is 8 to 16, and with two more no more than there are registers.
#if HWY_TARGET == HWY_AVX2
inline constexpr std::size_t kChains = 12;
#else
inline constexpr std::size_t kChains = 24;
#endif

// Runs `steps` multiply-adds on each chain and returns how many floating-point operations that was. The chains begin at
// different values: compilers make equal ones one. Nothing overflows or becomes denormal with a factor of 0.9.
double run_chains(std::size_t steps, const float* start, float* result) {
  const hn::CappedTag<float, 16> tag;
  using Vector = hn::Vec<decltype(tag)>;
  Vector chains[kChains];
  HWY_UNROLL(32)
  for (std::size_t i = 0; i < kChains; ++i) chains[i] = hn::Set(tag, start[i]);
  const Vector factor = hn::Set(tag, 0.9F);
  const Vector addend = hn::Set(tag, start[kChains]);
  for (std::size_t step = 0; step < steps; ++step) {
    HWY_UNROLL(32)
    for (std::size_t i = 0; i < kChains; ++i) chains[i] = hn::MulAdd(chains[i], factor, addend);
  }
  Vector sum = chains[0];
  HWY_UNROLL(32)
  for (std::size_t i = 1; i < kChains; ++i) sum = hn::Add(sum, chains[i]);
  *result = hn::GetLane(sum);
  return 2.0 * static_cast<double>(steps * kChains * hn::Lanes(tag));
}

}  // namespace microgpt::bench::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <algorithm>
#include <array>
#include <numeric>

#include "bench/segment.h"

namespace microgpt::bench {
namespace {

using RunChains = double (*)(std::size_t steps, const float* start, float* result);

#define MICROGPT_CHAINS(name, highway) \
  case Target::name:                   \
    return N_##highway::run_chains;

RunChains chains_for(Target target) {
  switch (target) {
    MICROGPT_FOR_EACH_TARGET(MICROGPT_CHAINS)
    default:
      return nullptr;
  }
}

double segment(RunChains run) {
  static constexpr std::size_t kSteps = 40'000;  // about a millisecond
  std::array<float, 64> start{};
  std::iota(start.begin(), start.end(), 1.0F);
  volatile float used = 0.0F;
  float result = 0.0F;
  const double begin = now();
  const double operations = run(kSteps, start.data(), &result);
  const double seconds = now() - begin;
  used = result;
  static_cast<void>(used);
  return operations / seconds * 1e-9;
}

}  // namespace

double FmaPeak::measure(Target target) {
  static constexpr int kSegments = 3;
  if (target == Target::scalar) return 0.0;  // its numbers say nothing of the processor
  const RunChains run = chains_for(target);
  warm_up([run] { segment(run); });
  double now = 0.0;
  for (int i = 0; i < kSegments; ++i) now = std::max(now, segment(run));
  best_[target] = std::max(best(target), now);
  return now;
}

double FmaPeak::best(Target target) const {
  const auto found = best_.find(target);
  return found == best_.end() ? 0.0 : found->second;
}

}  // namespace microgpt::bench
#endif
