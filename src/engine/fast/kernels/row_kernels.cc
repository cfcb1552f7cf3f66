// SPDX-License-Identifier: MIT
// What works row by row: the norm, the embeddings, the softmax of the logits. See the calls in kernels.h.
//
// Sums over a row's features go over 16 rows together, so that one root or division serves 16 rows.
#include "simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fast/kernels/row_kernels.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "engine/fast/kernels/entry_points-inl.h"
#include "simd/lane_math-inl.h"
#include "simd/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt::fast::HWY_NAMESPACE {

using namespace lanes::HWY_NAMESPACE;

// sums[i] = sum over the features of a[row + i] * b[row + i], for 16 rows.
LANES_INLINE Lanes row_dots(const ConstPanels& a, const ConstPanels& b, std::size_t row) {
  Lanes sums[kLanes];
  LANES_UNROLL(16)
  for (std::size_t i = 0; i < kLanes; ++i) sums[i] = mul(load(a.at(row + i, 0)), load(b.at(row + i, 0)));
  for (std::size_t v = 1; v < a.vectors; ++v) {
    const float* x = a.at(row, v);
    const float* y = b.at(row, v);
    LANES_UNROLL(16)
    for (std::size_t i = 0; i < kLanes; ++i) sums[i] = mul_add(load(x + i * a.width), load(y + i * b.width), sums[i]);
  }
  return lane_sums(sums);
}

// The scale of each row first, then all rows: the roots of some rows are computed while others are summed.
void rms_norm(const RmsNormCall& call) {
  constexpr float kEpsilon = 1e-5F;
  const Lanes per_feature = broadcast(1.0F / static_cast<float>(call.features));
  for (std::size_t row = 0; row < call.rows; row += kLanes) {
    const Lanes mean_square = mul(row_dots(call.x, call.x, row), per_feature);
    store(inverse_sqrt(add(mean_square, broadcast(kEpsilon))), call.scale + row);
  }
  for (std::size_t v = 0; v < call.x.vectors; ++v) {
    const float* x = call.x.at(0, v);
    float* y = call.y.at(0, v);
    for (std::size_t row = 0; row < call.rows; ++row)
      store(mul(load(x + row * call.x.width), broadcast(call.scale[row])), y + row * call.y.width);
  }
}

void rms_norm_backward(const RmsNormBackwardCall& call) {
  const Lanes per_feature = broadcast(1.0F / static_cast<float>(call.features));
  alignas(64) float mean[kLanes];
  for (std::size_t row = 0; row < call.rows; row += kLanes) {
    store(mul(row_dots(call.y, call.dy, row), per_feature), mean);
    for (std::size_t v = 0; v < call.y.vectors; ++v) {
      const float* y = call.y.at(row, v);
      const float* dy = call.dy.at(row, v);
      float* dx = call.dx.at(row, v);
      LANES_UNROLL(16)
      for (std::size_t i = 0; i < kLanes; ++i) {
        const Lanes difference = neg_mul_add(load(y + i * call.y.width), broadcast(mean[i]), load(dy + i * call.dy.width));
        const Lanes scale = broadcast(call.scale[row + i]);
        float* to = dx + i * call.dx.width;
        store(call.add ? mul_add(difference, scale, load(to)) : mul(difference, scale), to);
      }
    }
  }
}

void embedding(const EmbeddingCall& call) {
  for (std::size_t v = 0; v < call.x.vectors; ++v) {
    const float* wte = call.wte.at(0, v);
    const float* wpe = call.wpe.at(0, v);
    float* x = call.x.at(0, v);
    for (std::size_t row = 0; row < call.tokens.size(); ++row) {
      const auto token = static_cast<std::size_t>(call.tokens[row]);
      const auto position = static_cast<std::size_t>(call.positions[row]);
      store(add(load(wte + token * call.wte.width), load(wpe + position * call.wpe.width)), x + row * call.x.width);
    }
  }
}

void embedding_backward(const EmbeddingBackwardCall& call) {
  for (std::size_t v = 0; v < call.dx.vectors; ++v) {
    const float* dx = call.dx.at(0, v);
    float* dwte = call.dwte.at(0, v);
    float* dwpe = call.dwpe.at(0, v);
    for (std::size_t row = 0; row < call.tokens.size(); ++row) {
      const Lanes x = load(dx + row * call.dx.width);
      add_to(dwte + static_cast<std::size_t>(call.tokens[row]) * call.dwte.width, x);
      add_to(dwpe + static_cast<std::size_t>(call.positions[row]) * call.dwpe.width, x);
    }
  }
}

// Logits as the softmax takes them: what is past the last feature, whatever it is, becomes kMinusInfinity.
struct MaskedLogits {
  const Panels& logits;
  Lanes kept;   // of the last vector: all bits of the lanes that have a feature
  Lanes added;  // to the last vector: kMinusInfinity to the others

  LANES_INLINE MaskedLogits(const Panels& panels, std::size_t features) : logits(panels) {
    const std::size_t lanes = features - (panels.vectors - 1) * kLanes;
    kept = first_bits(lanes);
    added = first_lanes(zero(), lanes, broadcast(kMinusInfinity));
  }

  LANES_INLINE Lanes load_from(const float* x, std::size_t vector) const {
    return vector + 1 == logits.vectors ? add(bits_and(load(x), kept), added) : load(x);
  }
};

// The largest logit of each of 16 rows.
LANES_INLINE Lanes row_maxima(const MaskedLogits& masked, std::size_t row) {
  const std::size_t width = masked.logits.width;
  Lanes largest[kLanes];
  LANES_UNROLL(16)
  for (std::size_t i = 0; i < kLanes; ++i) largest[i] = masked.load_from(masked.logits.at(row, 0) + i * width, 0);
  for (std::size_t v = 1; v < masked.logits.vectors; ++v) {
    const float* x = masked.logits.at(row, v);
    LANES_UNROLL(16)
    for (std::size_t i = 0; i < kLanes; ++i) largest[i] = max(largest[i], masked.load_from(x + i * width, v));
  }
  return lane_maxima(largest);
}

// The mean and the variance of -ln P of 16 rows, whose normalisers stand in call.lse. With e = exp(x - maximum) and
// d = x - maximum they are ln(sum e) - mean d and the variance of d, weighed by e.
LANES_INLINE void expected_losses(const SoftmaxCall& call, const MaskedLogits& masked, std::size_t row, Lanes maxima,
                                  Lanes sums) {
  constexpr float kLeast = -200.0F;  // whose e is 0: of a padding that is minus infinity, 0 times d must be 0
  const Panels& logits = call.logits;
  alignas(64) float largest[kLanes];
  store(maxima, largest);
  Lanes first[kLanes], second[kLanes];
  for (std::size_t i = 0; i < kLanes; ++i) first[i] = second[i] = zero();
  for (std::size_t v = 0; v < logits.vectors; ++v) {
    const float* x = logits.at(row, v);
    for (std::size_t i = 0; i < kLanes; ++i) {
      const Lanes d = max(sub(masked.load_from(x + i * logits.width, v), broadcast(largest[i])), broadcast(kLeast));
      const Lanes ed = mul(exp(d), d);
      first[i] = add(first[i], ed);
      second[i] = mul_add(ed, d, second[i]);
    }
  }
  const Lanes mean = div(lane_sums(first), sums);
  store(sub(log(sums), mean), call.mean + row);
  store(max(sub(div(lane_sums(second), sums), mul(mean, mean)), zero()), call.variance + row);
}

void softmax(const SoftmaxCall& call) {
  const Panels& logits = call.logits;
  const MaskedLogits masked(logits, call.features);
  alignas(64) float per_row[kLanes];
  for (std::size_t row = 0; row < call.rows; row += kLanes) {
    const Lanes maxima = row_maxima(masked, row);
    store(maxima, per_row);
    Lanes totals[kLanes];
    for (Lanes& total : totals) total = zero();
    for (std::size_t v = 0; v < logits.vectors; ++v) {
      float* x = logits.at(row, v);
      for (std::size_t i = 0; i < kLanes; ++i) {
        const Lanes e = exp(sub(masked.load_from(x + i * logits.width, v), broadcast(per_row[i])));
        totals[i] = v == 0 ? e : add(totals[i], e);
        if (call.weight != nullptr) store(e, x + i * logits.width);
      }
    }
    const Lanes sums = lane_sums(totals);
    store(add(maxima, log(sums)), call.lse + row);
    if (call.mean != nullptr) expected_losses(call, masked, row, maxima, sums);
    if (call.weight == nullptr) continue;
    store(div(load(call.weight + row), sums), per_row);
    for (std::size_t v = 0; v < logits.vectors; ++v) {
      float* x = logits.at(row, v);
      for (std::size_t i = 0; i < kLanes; ++i)
        store(mul(load(x + i * logits.width), broadcast(per_row[i])), x + i * logits.width);
    }
  }
}

void mix(const MixCall& call) {
  const Lanes logit_weight = broadcast(call.logit_weight);
  const Lanes probability_weight = broadcast(call.probability_weight);
  for (std::size_t i = 0; i < call.logits.size(); i += kLanes) {
    float* const x = call.logits.data() + i;
    store(mul_add(probability_weight, log(load(call.probabilities.data() + i)), mul(logit_weight, load(x))), x);
  }
}

}  // namespace microgpt::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
