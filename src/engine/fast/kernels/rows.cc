// What works row by row: the norm, the embeddings, the softmax of the logits. See the calls in kernels.h.
//
// Sums over a row's features go over 16 rows together, so that one root or division serves 16 rows.
#include "engine/fast/kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fast/kernels/rows.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "engine/fast/kernels/entry_points-inl.h"
#include "engine/fast/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt::HWY_NAMESPACE {

// sums[i] = sum over the features of a[row + i] * b[row + i], for 16 rows.
HWY_INLINE Lanes row_dots(const ConstPanels& a, const ConstPanels& b, std::size_t row) {
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

void rms_norm(const RmsNormCall& call) {
  constexpr float kEpsilon = 1e-5F;
  const Lanes per_feature = broadcast(1.0F / static_cast<float>(call.features));
  for (std::size_t row = 0; row < call.rows; row += kLanes) {
    const Lanes mean_square = mul(row_dots(call.x, call.x, row), per_feature);
    store(div(broadcast(1.0F), sqrt(add(mean_square, broadcast(kEpsilon)))), call.scale + row);
    for (std::size_t v = 0; v < call.x.vectors; ++v) {
      const float* x = call.x.at(row, v);
      float* y = call.y.at(row, v);
      for (std::size_t i = 0; i < kLanes; ++i)
        store(mul(load(x + i * call.x.width), broadcast(call.scale[row + i])), y + i * call.y.width);
    }
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

// The logits of a row's vector, kMinusInfinity in the lanes past the last feature.
HWY_INLINE Lanes masked_logits(const float* logits, std::size_t vector, std::size_t features) {
  const Lanes x = load(logits);
  const std::size_t begin = vector * kLanes;
  return features - begin >= kLanes ? x : first_lanes(x, features - begin, broadcast(kMinusInfinity));
}

void softmax(const SoftmaxCall& call) {
  const Panels& logits = call.logits;
  alignas(64) float of_row[kLanes];
  for (std::size_t row = 0; row < call.rows; row += kLanes) {
    Lanes reduced[kLanes];
    LANES_UNROLL(16)
    for (std::size_t i = 0; i < kLanes; ++i) reduced[i] = masked_logits(logits.at(row + i, 0), 0, call.features);
    for (std::size_t v = 1; v < logits.vectors; ++v) {
      const float* x = logits.at(row, v);
      LANES_UNROLL(16)
      for (std::size_t i = 0; i < kLanes; ++i)
        reduced[i] = max(reduced[i], masked_logits(x + i * logits.width, v, call.features));
    }
    const Lanes maxima = lane_maxima(reduced);
    store(maxima, of_row);
    for (std::size_t i = 0; i < kLanes; ++i) {
      const Lanes maximum = broadcast(of_row[i]);
      Lanes total = zero();
      for (std::size_t v = 0; v < logits.vectors; ++v) {
        float* x = logits.at(row + i, v);
        const Lanes e = exp(sub(masked_logits(x, v, call.features), maximum));
        total = add(total, e);
        if (call.weight != nullptr) store(e, x);
      }
      reduced[i] = total;
    }
    const Lanes totals = lane_sums(reduced);
    store(add(maxima, log(totals)), call.lse + row);
    if (call.weight == nullptr) continue;
    store(div(load(call.weight + row), totals), of_row);
    for (std::size_t v = 0; v < logits.vectors; ++v) {
      float* x = logits.at(row, v);
      for (std::size_t i = 0; i < kLanes; ++i)
        store(mul(load(x + i * logits.width), broadcast(of_row[i])), x + i * logits.width);
    }
  }
}

}  // namespace microgpt::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
