// SPDX-License-Identifier: MIT
// What a softmax of few numbers takes whose result is waited for: no largest number first, and a place among running sums.
#if defined(MICROGPT_SOFTMAX_PARTS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MICROGPT_SOFTMAX_PARTS_INL_H
#undef MICROGPT_SOFTMAX_PARTS_INL_H
#else
#define MICROGPT_SOFTMAX_PARTS_INL_H
#endif

#include "simd/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt::fast::HWY_NAMESPACE {

using namespace lanes::HWY_NAMESPACE;

// Exponentials of numbers up to kMaxUnshifted are taken as they are, where their total is no less than kMinTotal: neither
// overflows, and what is lost as 0 is nothing beside the total.
inline constexpr float kMaxUnshifted = 40.0F;
inline constexpr float kMinTotal = 1e-17F;

// Whether a <= b in all lanes; false where one is no number.
LANES_INLINE bool all_not_greater(Lanes a, Lanes b) {
  bool all = true;
  LANES_EACH_PART(all = hn::AllTrue(Tag(), hn::Le(a.part[i], b.part[i])) && all);
  return all;
}

// Lane i of the result is the sum of lanes 0 to i: first within each four lanes, lane by lane and then pair by pair; then the
// sum of the first four is added to the second four and that of the third to the fourth; then that of the first eight to the
// last eight.
#if HWY_TARGET == HWY_SCALAR

LANES_INLINE Lanes running_sums(Lanes x) {
  for (std::size_t step = 1; step < kLanes; step *= 2)
    for (std::size_t i = kLanes; i-- > 0;) {
      // Within four lanes the sum of as many lanes before; beyond, that of all lanes of the block before.
      const std::size_t block = step < 4 ? 4 : 2 * step;
      if (i % block < step) continue;
      const std::size_t from = step < 4 ? i - step : i / block * block + step - 1;
      x.part[i] = hn::Add(x.part[i], x.part[from]);
    }
  return x;
}

LANES_INLINE Lanes broadcast_last(Lanes x) {
  for (std::size_t i = 0; i + 1 < kLanes; ++i) x.part[i] = x.part[kLanes - 1];
  return x;
}

#else

// REQUIRES: eight lanes or more.
template <std::size_t kLane>
LANES_INLINE Part broadcast_lane(Part x) {
  alignas(64) static constexpr std::int32_t kIndices[16] = {kLane, kLane, kLane, kLane, kLane, kLane, kLane, kLane,
                                                            kLane, kLane, kLane, kLane, kLane, kLane, kLane, kLane};
  return hn::TableLookupLanes(x, hn::SetTableIndices(Tag(), kIndices));
}

// In each eight lanes the fourth of them. REQUIRES: as above.
LANES_INLINE Part broadcast_fourth_lanes(Part x) {
  alignas(64) static constexpr std::int32_t kIndices[16] = {3, 3, 3, 3, 3, 3, 3, 3, 11, 11, 11, 11, 11, 11, 11, 11};
  return hn::TableLookupLanes(x, hn::SetTableIndices(Tag(), kIndices));
}

LANES_INLINE Lanes running_sums(Lanes x) {
  LANES_EACH_PART(x.part[i] = hn::Add(x.part[i], hn::ShiftLeftLanes<1>(Tag(), x.part[i]));
                  x.part[i] = hn::Add(x.part[i], hn::ShiftLeftLanes<2>(Tag(), x.part[i])));
  if constexpr (kParts == 4) {
    x.part[1] = hn::Add(x.part[1], hn::Broadcast<3>(x.part[0]));
    x.part[3] = hn::Add(x.part[3], hn::Broadcast<3>(x.part[2]));
    const Part half = hn::Broadcast<3>(x.part[1]);
    x.part[2] = hn::Add(x.part[2], half);
    x.part[3] = hn::Add(x.part[3], half);
  } else {
    LANES_EACH_PART(x.part[i] = hn::OddEvenBlocks(hn::Add(x.part[i], broadcast_fourth_lanes(x.part[i])), x.part[i]));
    const Part half = broadcast_lane<7>(x.part[0]);
    if constexpr (kParts == 2)
      x.part[1] = hn::Add(x.part[1], half);
    else
      x.part[0] = hn::ConcatUpperLower(Tag(), hn::Add(x.part[0], half), x.part[0]);
  }
  return x;
}

LANES_INLINE Lanes broadcast_last(Lanes x) {
  Part last = x.part[kParts - 1];
  if constexpr (kParts == 4)
    last = hn::Broadcast<3>(last);
  else
    last = broadcast_lane<kPartLanes - 1>(last);
  LANES_EACH_PART(x.part[i] = last);
  return x;
}

#endif

// Lanes where a <= b.
LANES_INLINE std::size_t count_not_greater(Lanes a, Lanes b) {
  std::size_t count = 0;
  LANES_EACH_PART(count += hn::CountTrue(Tag(), hn::Le(a.part[i], b.part[i])));
  return count;
}

}  // namespace microgpt::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // MICROGPT_SOFTMAX_PARTS_INL_H
