// The products and norms of a single row, for one document that grows: what counts is how soon the result is there, not how
// many rows a second. See RowProductCall in kernels.h.
#include <cmath>

#include "engine/fast/kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fast/kernels/one_row.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "engine/fast/kernels/entry_points-inl.h"
#include "engine/fast/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt::HWY_NAMESPACE {

inline constexpr std::size_t kChains = 4;

template <std::size_t kVectors>
LANES_INLINE void row_product_vectors(const RowProductCall& call, const float* HWY_RESTRICT b, std::size_t at) {
  const float* HWY_RESTRICT x = call.x;
  const std::size_t width = call.weights.width;
  Lanes sums[kChains][kVectors];
  LANES_UNROLL(4)
  for (std::size_t c = 0; c < kChains; ++c) {
    LANES_UNROLL(3)
    for (std::size_t v = 0; v < kVectors; ++v) sums[c][v] = zero();
  }
  std::size_t k = 0;
  HWY_UNROLL(1)
  for (; k + kChains <= call.k; k += kChains, b += kChains * width) {
    LANES_UNROLL(4)
    for (std::size_t c = 0; c < kChains; ++c) {
      const Lanes xk = broadcast(x[k + c]);
      LANES_UNROLL(3)
      for (std::size_t v = 0; v < kVectors; ++v) sums[c][v] = mul_add(xk, load(b + c * width + v * kLanes), sums[c][v]);
    }
  }
  for (; k < call.k; ++k, b += width) {
    LANES_UNROLL(3)
    for (std::size_t v = 0; v < kVectors; ++v) sums[0][v] = mul_add(broadcast(x[k]), load(b + v * kLanes), sums[0][v]);
  }
  LANES_UNROLL(3)
  for (std::size_t v = 0; v < kVectors; ++v) {
    Lanes sum = add(add(sums[0][v], sums[2][v]), add(sums[1][v], sums[3][v]));
    if (call.addend != nullptr) sum = add(sum, load(call.addend + at + v * kLanes));
    if (call.epilogue != Epilogue::store) sum = max(sum, zero());
    if (call.epilogue == Epilogue::squared_relu) sum = mul(sum, sum);
    store(sum, call.y + at + v * kLanes);
  }
}

void row_product(const RowProductCall& call) {
  const ConstPanels& weights = call.weights;
  const std::size_t per_panel = weights.width / kLanes;
  for (std::size_t vector = 0; vector < weights.vectors; vector += per_panel) {
    const float* b = weights.at(0, vector);
    const std::size_t at = vector * kLanes;
    const std::size_t left = weights.vectors - vector;
    if (per_panel == 3)
      row_product_vectors<3>(call, b, at);
    else if (per_panel == 2 && left >= 2)
      row_product_vectors<2>(call, b, at);
    else
      row_product_vectors<1>(call, b, at);
  }
}

void row_norm(const RowNormCall& call) {
  constexpr float kEpsilon = 1e-5F;
  Lanes sum = zero();
  for (std::size_t i = 0; i < call.features; i += kLanes) {
    const Lanes x = load(call.x + i);
    sum = mul_add(x, x, sum);
  }
  const float mean_square = first_lane(broadcast_sum(sum)) * (1.0F / static_cast<float>(call.features));
  const Lanes scale = broadcast(1.0F / std::sqrt(mean_square + kEpsilon));
  for (std::size_t i = 0; i < call.features; i += kLanes) store(mul(load(call.x + i), scale), call.y + i);
}

}  // namespace microgpt::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
