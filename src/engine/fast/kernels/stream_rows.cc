// SPDX-License-Identifier: MIT
// Products, norms and the choice of tokens for documents that grow: see the calls of streams in kernels.h.
//
// For a single row what counts is how soon the result is there, so that a product is several chains of multiply-adds; for many
// it is how many a second. The arithmetic is the same, so that no document depends on how many grow beside it.
#include <algorithm>

#include "simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fast/kernels/stream_rows.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "engine/fast/kernels/entry_points-inl.h"
#include "engine/fast/kernels/softmax_parts-inl.h"
#include "simd/lane_math-inl.h"
#include "simd/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt::fast::HWY_NAMESPACE {

using namespace lanes::HWY_NAMESPACE;

template <std::size_t kVectors>
inline constexpr std::size_t kChains = kVectors == 1 ? 4 : 2;

// Rows that are taken at a time where there are many: as many as the sums of all chains leave registers for.
#if HWY_TARGET == HWY_AVX3
template <std::size_t kVectors>
inline constexpr std::size_t kProductRows = kVectors == 3 ? 2 : 4;
#else
template <std::size_t kVectors>
inline constexpr std::size_t kProductRows = 1;
#endif

// What becomes of a product's sums: they are multiplied by the row's scale and the addend is added. Where the call has no scale
// it is 1, and where it has no addend that is -0, neither of which changes anything.
struct Finish {
  alignas(64) static constexpr float kNoAddend[kLanes] = {-0.0F, -0.0F, -0.0F, -0.0F, -0.0F, -0.0F, -0.0F, -0.0F,
                                                          -0.0F, -0.0F, -0.0F, -0.0F, -0.0F, -0.0F, -0.0F, -0.0F};
  static constexpr float kNoScale = 1.0F;

  const float* scale;
  std::size_t scale_mask;  // of a row's number
  const float* addend;
  std::size_t addend_mask;  // of an offset
  float* y;

  LANES_INLINE explicit Finish(const RowProductCall& call)
      : scale(call.scale != nullptr ? call.scale : &kNoScale),
        scale_mask(call.scale != nullptr ? ~std::size_t{0} : 0),
        addend(call.addend != nullptr ? call.addend : kNoAddend),
        addend_mask(call.addend != nullptr ? ~std::size_t{0} : 0),
        y(call.y) {}

  template <Epilogue kEpilogue>
  LANES_INLINE void store_sum(Lanes sum, std::size_t row, std::size_t offset) const {
    sum = mul_add(sum, broadcast(scale[row & scale_mask]), load(addend + (offset & addend_mask)));
    if constexpr (kEpilogue != Epilogue::store) sum = max(sum, zero());
    if constexpr (kEpilogue == Epilogue::squared_relu) sum = mul(sum, sum);
    store(sum, y + offset);
  }
};

// The sums over a block of k of some rows and vectors.
template <std::size_t kRows, std::size_t kVectors>
LANES_INLINE void sum_block(const float* HWY_RESTRICT x, std::size_t stride, const float* HWY_RESTRICT b, std::size_t width,
                            Lanes (*block)[kVectors]) {
  constexpr std::size_t kChainCount = kChains<kVectors>;
  Lanes sums[kRows][kChainCount][kVectors];
  LANES_UNROLL(4)
  for (std::size_t r = 0; r < kRows; ++r) {
    LANES_UNROLL(4)
    for (std::size_t c = 0; c < kChainCount; ++c) {
      LANES_UNROLL(3)
      for (std::size_t v = 0; v < kVectors; ++v) sums[r][c][v] = zero();
    }
  }
  LANES_UNROLL(16)
  for (std::size_t k = 0; k < kProductBlock; ++k) {
    Lanes weights[kVectors];
    LANES_UNROLL(3)
    for (std::size_t v = 0; v < kVectors; ++v) weights[v] = load(b + k * width + v * kLanes);
    LANES_UNROLL(4)
    for (std::size_t r = 0; r < kRows; ++r) {
      const Lanes xk = broadcast(x[r * stride + k]);
      Lanes* const chain = sums[r][k % kChainCount];
      LANES_UNROLL(3)
      for (std::size_t v = 0; v < kVectors; ++v) chain[v] = mul_add(xk, weights[v], chain[v]);
    }
  }
  LANES_UNROLL(4)
  for (std::size_t r = 0; r < kRows; ++r) {
    LANES_UNROLL(3)
    for (std::size_t v = 0; v < kVectors; ++v) {
      block[r][v] = add(sums[r][0][v], sums[r][1][v]);
      if constexpr (kChainCount == 4) block[r][v] = add(block[r][v], add(sums[r][2][v], sums[r][3][v]));
    }
  }
}

// Those over what is left of k: one chain each, to which 0 is added as to that of a block.
template <std::size_t kRows, std::size_t kVectors>
LANES_INLINE void sum_rest(const float* HWY_RESTRICT x, std::size_t stride, const float* HWY_RESTRICT b, std::size_t width,
                           std::size_t terms, Lanes (*block)[kVectors]) {
  LANES_UNROLL(4)
  for (std::size_t r = 0; r < kRows; ++r) {
    LANES_UNROLL(3)
    for (std::size_t v = 0; v < kVectors; ++v) block[r][v] = zero();
  }
  HWY_UNROLL(1)
  for (std::size_t k = 0; k < terms; ++k) {
    LANES_UNROLL(4)
    for (std::size_t r = 0; r < kRows; ++r) {
      const Lanes xk = broadcast(x[r * stride + k]);
      LANES_UNROLL(3)
      for (std::size_t v = 0; v < kVectors; ++v) block[r][v] = mul_add(xk, load(b + k * width + v * kLanes), block[r][v]);
    }
  }
  LANES_UNROLL(4)
  for (std::size_t r = 0; r < kRows; ++r) {
    LANES_UNROLL(3)
    for (std::size_t v = 0; v < kVectors; ++v) block[r][v] = add(block[r][v], zero());
  }
}

// Where the panel is no wider than the vectors, the distance from one k to the next is known when this is compiled.
template <Epilogue kEpilogue, std::size_t kRows, std::size_t kVectors, bool kWholePanel>
LANES_INLINE void multiply_rows(const RowProductCall& call, const Finish& finish, std::size_t row, std::size_t vector,
                                const float* b) {
  const std::size_t stride = round_up_to_vector(call.k);
  const std::size_t width = kWholePanel ? kVectors * kLanes : call.weights.width;
  const float* x = call.x + row * stride;
  Lanes sums[kRows][kVectors];
  LANES_UNROLL(4)
  for (std::size_t r = 0; r < kRows; ++r) {
    LANES_UNROLL(3)
    for (std::size_t v = 0; v < kVectors; ++v) sums[r][v] = zero();
  }
  std::size_t k = 0;
  const auto add_block = [&](const Lanes(*block)[kVectors]) HWY_ATTR {
    LANES_UNROLL(4)
    for (std::size_t r = 0; r < kRows; ++r) {
      LANES_UNROLL(3)
      for (std::size_t v = 0; v < kVectors; ++v) sums[r][v] = k == 0 ? block[r][v] : add(sums[r][v], block[r][v]);
    }
  };
  Lanes block[kRows][kVectors];
  HWY_UNROLL(1)
  for (; k + kProductBlock <= call.k; k += kProductBlock) {
    sum_block<kRows, kVectors>(x + k, stride, b + k * width, width, block);
    add_block(block);
  }
  if (k < call.k) {
    sum_rest<kRows, kVectors>(x + k, stride, b + k * width, width, call.k - k, block);
    add_block(block);
  }
  LANES_UNROLL(4)
  for (std::size_t r = 0; r < kRows; ++r) {
    LANES_UNROLL(3)
    for (std::size_t v = 0; v < kVectors; ++v)
      finish.store_sum<kEpilogue>(sums[r][v], row + r, ((row + r) * call.weights.vectors + vector + v) * kLanes);
  }
}

template <Epilogue kEpilogue, std::size_t kVectors, bool kWholePanel>
HWY_NOINLINE void multiply_columns(const RowProductCall& call, std::size_t vector) {
  constexpr std::size_t kRows = kProductRows<kVectors>;
  const Finish finish(call);
  const float* const b = call.weights.at(0, vector);
  std::size_t row = 0;
  for (; row + kRows <= call.rows; row += kRows)
    multiply_rows<kEpilogue, kRows, kVectors, kWholePanel>(call, finish, row, vector, b);
  for (; row < call.rows; ++row) multiply_rows<kEpilogue, 1, kVectors, kWholePanel>(call, finish, row, vector, b);
}

template <Epilogue kEpilogue>
void row_product_of(const RowProductCall& call) {
  const ConstPanels& weights = call.weights;
  const std::size_t per_panel = weights.width / kLanes;
  if (per_panel == 3) return multiply_columns<kEpilogue, 3, true>(call, 0);
  if (per_panel == 1) return multiply_columns<kEpilogue, 1, true>(call, 0);
  std::size_t vector = 0;
  for (; vector + 2 <= weights.vectors; vector += 2) multiply_columns<kEpilogue, 2, true>(call, vector);
  if (vector < weights.vectors) multiply_columns<kEpilogue, 1, false>(call, vector);
}

void row_product(const RowProductCall& call) {
  switch (call.epilogue) {
    case Epilogue::relu:
      return row_product_of<Epilogue::relu>(call);
    case Epilogue::squared_relu:
      return row_product_of<Epilogue::squared_relu>(call);
    default:
      return row_product_of<Epilogue::store>(call);
  }
}

inline constexpr float kEpsilon = 1e-5F;

LANES_INLINE Lanes square_sums(const float* x, std::size_t features) {
  Lanes sum = mul(load(x), load(x));
  for (std::size_t i = kLanes; i < features; i += kLanes) sum = mul_add(load(x + i), load(x + i), sum);
  return sum;
}

// scale[row] = (factor * sum of x^2 + epsilon)^-1/2 for one row, and for 16.
LANES_INLINE void scale_row(Lanes squares, float factor, float epsilon, float* scale) {
  const Lanes argument = mul_add(broadcast_sum(squares), broadcast(factor), broadcast(epsilon));
  *scale = first_lane(inverse_sqrt(argument));
}

LANES_INLINE void scale_16_rows(const Lanes* squares, float factor, float epsilon, float* scale) {
  const Lanes argument = mul_add(lane_sums(squares), broadcast(factor), broadcast(epsilon));
  store(inverse_sqrt(argument), scale);
}

void row_scale(const RowScaleCall& call) {
  const std::size_t stride = round_up_to_vector(call.features);
  const float factor = 1.0F / static_cast<float>(call.features);
  std::size_t row = 0;
  for (; row + kLanes <= call.rows; row += kLanes) {
    Lanes squares[kLanes];
    for (std::size_t i = 0; i < kLanes; ++i) squares[i] = square_sums(call.x + (row + i) * stride, call.features);
    scale_16_rows(squares, factor, kEpsilon, call.scale + row);
  }
  for (; row < call.rows; ++row)
    scale_row(square_sums(call.x + row * stride, call.features), factor, kEpsilon, call.scale + row);
}

// embedded[row] = wte[token] + wpe[position].
LANES_INLINE void add_embeddings(const RowEmbeddingCall& call) {
  const std::size_t vectors = call.wte.vectors;
  for (std::size_t v = 0; v < vectors; ++v) {
    const float* const wte = call.wte.at(0, v);
    const float* const wpe = call.wpe.at(0, v);
    for (std::size_t row = 0; row < call.tokens.size(); ++row) {
      const auto token = static_cast<std::size_t>(call.tokens[row]);
      const auto position = static_cast<std::size_t>(call.positions[row]);
      store(add(load(wte + token * call.wte.width), load(wpe + position * call.wpe.width)),
            call.embedded + (row * vectors + v) * kLanes);
    }
  }
}

// With m the mean square of what is embedded and e the epsilon, that of its norm is m / (m + e), so that the norm of the norm
// has the scale (m + e)^-1/2 (m / (m + e) + e)^-1/2 = (m (1 + e) + e^2)^-1/2.
void row_embedding(const RowEmbeddingCall& call) {
  const std::size_t width = call.wte.vectors * kLanes;
  const std::size_t rows = call.tokens.size();
  const float factor = 1.0F / static_cast<float>(call.features);
  const float factor_twice = (1.0F + kEpsilon) * factor;
  add_embeddings(call);
  std::size_t row = 0;
  for (; row + kLanes <= rows; row += kLanes) {
    Lanes squares[kLanes];
    for (std::size_t i = 0; i < kLanes; ++i) squares[i] = square_sums(call.embedded + (row + i) * width, call.features);
    scale_16_rows(squares, factor, kEpsilon, call.scale + row);
    scale_16_rows(squares, factor_twice, kEpsilon * kEpsilon, call.scale_twice + row);
  }
  for (; row < rows; ++row) {
    const Lanes squares = square_sums(call.embedded + row * width, call.features);
    scale_row(squares, factor, kEpsilon, call.scale + row);
    scale_row(squares, factor_twice, kEpsilon * kEpsilon, call.scale_twice + row);
  }
  for (row = 0; row < rows; ++row)
    for (std::size_t at = row * width; at < (row + 1) * width; at += kLanes)
      store(mul(load(call.embedded + at), broadcast(call.scale[row])), call.x + at);
}

// One row's logits. kVectors: of them, or 0 where only the call knows.
template <std::size_t kVectors>
struct DrawRow {
  const DrawCall& call;
  const float* logits;
  float* weights;  // those of the tokens before they are divided by their total
  float* sums;     // of the weights up to each token's
  std::size_t vectors = kVectors == 0 ? vectors_of(call.features) : kVectors;

  LANES_INLINE Lanes load_logits(std::size_t v) const {
    const Lanes x = load(logits + v * kLanes);
    return v + 1 == vectors ? first_lanes(x, call.features - v * kLanes, broadcast(kMinusInfinity)) : x;
  }

  // e to the power of (logit - shift) / temperature, and their total; `fits` where none of the powers is too large.
  LANES_INLINE Lanes weigh(Lanes shift, bool& fits) const {
    const Lanes factor = broadcast(call.inverse_temperature);
    Lanes total = zero();
    fits = true;
    LANES_UNROLL(4)
    for (std::size_t v = 0; v < vectors; ++v) {
      const Lanes power = mul(sub(load_logits(v), shift), factor);
      fits = all_not_greater(power, broadcast(kMaxUnshifted)) && fits;
      const Lanes e = exp(power);
      const Lanes sum = add(running_sums(e), total);
      store(e, weights + v * kLanes);
      store(sum, sums + v * kLanes);
      total = broadcast_last(sum);
    }
    return total;
  }

  // Where that is needed: the largest power becomes 0.
  static LANES_COLD Lanes weigh_shifted(const DrawRow& row, bool& fits) {
    Lanes largest = row.load_logits(0);
    for (std::size_t v = 1; v < row.vectors; ++v) largest = max(largest, row.load_logits(v));
    return row.weigh(broadcast_maximum(largest), fits);
  }

  LANES_INLINE Token draw(float uniform, bool& is_valid) const {
    bool fits;
    Lanes total = weigh(zero(), fits);
    if (!fits || !(first_lane(total) >= kMinTotal)) {
      total = weigh_shifted(*this, fits);
      is_valid = is_valid && fits && first_lane(total) >= kMinTotal;
    }
    const Lanes limit = mul(total, broadcast(uniform));
    std::size_t token = 0;
    LANES_UNROLL(4)
    for (std::size_t v = 0; v < vectors; ++v) token += count_not_greater(load(sums + v * kLanes), limit);
    token = std::min(token, call.features - 1);  // where the sums are not numbers
    // Rounded sums may fall from one token to the next. (Which token it is must not decide on a branch.)
    while (weights[token] == 0.0F && token > 0) --token;
    return static_cast<Token>(token);
  }
};

template <std::size_t kVectors>
HWY_NOINLINE bool draw_rows(const DrawCall& call) {
  alignas(64) float local[2 * kVectors * kLanes + 1];
  float* const weights = kVectors == 0 ? call.scratch : local;
  float* const sums = weights + round_up_to_vector(call.features);
  bool is_valid = true;
  for (std::size_t row = 0; row < call.tokens.size(); ++row) {
    const DrawRow<kVectors> logits{call, call.logits + row * round_up_to_vector(call.features), weights, sums};
    call.tokens[row] = logits.draw(call.uniforms[row], is_valid);
  }
  return is_valid;
}

bool draw_tokens(const DrawCall& call) {
  switch (vectors_of(call.features)) {
    case 1:
      return draw_rows<1>(call);
    case 2:
      return draw_rows<2>(call);
    case 3:
      return draw_rows<3>(call);
    case 4:
      return draw_rows<4>(call);
    default:
      return draw_rows<0>(call);
  }
}

}  // namespace microgpt::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
