// SPDX-License-Identifier: MIT
// What works on the parameters: transposed copies, sums of gradients. See the calls in kernels.h.
#include "simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fast/kernels/parameter_kernels.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "engine/fast/kernels/entry_points-inl.h"
#include "simd/lanes-inl.h"
#include "simd/prepare_to_write-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt::fast::HWY_NAMESPACE {

using namespace lanes::HWY_NAMESPACE;

void transpose_panels(const TransposeCall& call) {
  Lanes block[kLanes];
  for (std::size_t row = 0; row < call.rows; row += kLanes)
    for (std::size_t v = 0; v < call.a.vectors; ++v) {
      const float* a = call.a.at(row, v);
      float* b = call.b.at(v * kLanes, row / kLanes);
      LANES_UNROLL(16)
      for (std::size_t i = 0; i < kLanes; ++i) prepare_to_write(b + (kLanes + i) * call.b.width);
      LANES_UNROLL(16)
      for (std::size_t i = 0; i < kLanes; ++i) block[i] = load(a + i * call.a.width);
      transpose(block);
      LANES_UNROLL(16)
      for (std::size_t i = 0; i < kLanes; ++i) store(block[i], b + i * call.b.width);
    }
}

void add_floats(std::span<float> sum, std::span<const float> addend) {
  for (std::size_t i = 0; i < sum.size(); i += kLanes) {
    prepare_to_write(sum.data() + i + kLinesAhead * kLanes);
    store(add(load(sum.data() + i), load(addend.data() + i)), sum.data() + i);
  }
}

}  // namespace microgpt::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
