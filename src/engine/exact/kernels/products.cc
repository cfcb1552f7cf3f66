// SPDX-License-Identifier: MIT
// Products of matrices, and what else moves whole rows of weights. See the calls in exact_kernels.h.
//
// A product has some rows of weights at a time, and for each of them the sums of a vector of positions, or of two. There is
// no other way to be fast: of a sum, each addition waits for the one before it.
#include "simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/exact/kernels/products.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <algorithm>
#include <type_traits>

#include "engine/exact/kernels/exact_entry_points-inl.h"
#include "engine/exact/kernels/panel_vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt::exact::HWY_NAMESPACE {

// Calls tile<count>(first) for tiles of kMax rows, and for what is left of 4, 2 and 1.
template <std::size_t kMax, typename Tile>
DOUBLES_INLINE void for_tiles(std::size_t rows, Tile tile) {
  std::size_t first = 0;
  for (; first + kMax <= rows; first += kMax) tile(std::integral_constant<std::size_t, kMax>(), first);
  if (kMax > 4 && first + 4 <= rows) {
    tile(std::integral_constant<std::size_t, 4>(), first);
    first += 4;
  }
  if (first + 2 <= rows) {
    tile(std::integral_constant<std::size_t, 2>(), first);
    first += 2;
  }
  if (first < rows) tile(std::integral_constant<std::size_t, 1>(), first);
}

// Two vectors of positions at a time, then the one that is left.
template <typename Vectors>
DOUBLES_INLINE void for_vectors(std::size_t positions, Vectors vectors) {
  const std::size_t count = vectors_of(positions);
  std::size_t v = 0;
  for (; v + 2 <= count; v += 2) vectors(std::integral_constant<std::size_t, 2>(), v);
  if (v < count) vectors(std::integral_constant<std::size_t, 1>(), v);
}

template <std::size_t kRows, std::size_t kVectors>
DOUBLES_INLINE void product_tile(const ProductCall& call, std::size_t row, std::size_t v) {
  const std::size_t columns = call.x.features;
  const double* HWY_RESTRICT w = call.weights + row * columns;
  const double* HWY_RESTRICT x0 = vector_at(call.x, v);
  const double* HWY_RESTRICT x1 = vector_at(call.x, v + kVectors - 1);
  V sums[kRows][kVectors];
  DOUBLES_UNROLL
  for (std::size_t r = 0; r < kRows; ++r) DOUBLES_UNROLL
  for (std::size_t j = 0; j < kVectors; ++j) sums[r][j] = zero();
  for (std::size_t i = 0; i < columns; ++i) {
    const V x[2] = {load(x0 + i * kBlock), load(x1 + i * kBlock)};
    DOUBLES_UNROLL
    for (std::size_t r = 0; r < kRows; ++r) {
      const V weight = broadcast(w[r * columns + i]);
      DOUBLES_UNROLL
      for (std::size_t j = 0; j < kVectors; ++j) sums[r][j] = hn::Add(sums[r][j], hn::Mul(weight, x[j]));
    }
  }
  DOUBLES_UNROLL
  for (std::size_t j = 0; j < kVectors; ++j) {
    double* y = vector_at(call.y, v + j) + row * kBlock;
    const double* addend = call.addend == nullptr ? nullptr : call.addend + (y - call.y.data);
    DOUBLES_UNROLL
    for (std::size_t r = 0; r < kRows; ++r) {
      const V sum = addend == nullptr ? sums[r][j] : hn::Add(sums[r][j], load(addend + r * kBlock));
      store(sum, y + r * kBlock);
    }
  }
}

void product(const ProductCall& call) {
  for_vectors(call.positions, [&](auto vectors, std::size_t v) HWY_ATTR {
    for_tiles<16 / decltype(vectors)::value / 2>(call.rows, [&](auto rows, std::size_t row) HWY_ATTR {
      product_tile<decltype(rows)::value, decltype(vectors)::value>(call, row, v);
    });
  });
}

template <std::size_t kColumns, std::size_t kVectors>
DOUBLES_INLINE void backward_product_tile(const BackwardProductCall& call, std::size_t column, std::size_t v) {
  const std::size_t columns = call.dx.features;
  V sums[kColumns][kVectors];
  DOUBLES_UNROLL
  for (std::size_t c = 0; c < kColumns; ++c) DOUBLES_UNROLL
  for (std::size_t j = 0; j < kVectors; ++j) sums[c][j] = zero();
  for (const RowRun& run : call.runs) {
    const double* HWY_RESTRICT dy0 = vector_at(run.dy, v) + run.first * kBlock;
    const double* HWY_RESTRICT dy1 = vector_at(run.dy, v + kVectors - 1) + run.first * kBlock;
    for (std::size_t o = run.count; o-- > 0;) {
      const double* HWY_RESTRICT w = run.weights + o * columns + column;
      const V dy[2] = {load(dy0 + o * kBlock), load(dy1 + o * kBlock)};
      DOUBLES_UNROLL
      for (std::size_t c = 0; c < kColumns; ++c) {
        const V weight = broadcast(w[c]);
        DOUBLES_UNROLL
        for (std::size_t j = 0; j < kVectors; ++j) sums[c][j] = hn::Add(sums[c][j], hn::Mul(weight, dy[j]));
      }
    }
  }
  DOUBLES_UNROLL
  for (std::size_t j = 0; j < kVectors; ++j) {
    double* dx = vector_at(call.dx, v + j) + column * kBlock;
    DOUBLES_UNROLL
    for (std::size_t c = 0; c < kColumns; ++c) store(sums[c][j], dx + c * kBlock);
  }
}

void backward_product(const BackwardProductCall& call) {
  for_vectors(call.positions, [&](auto vectors, std::size_t v) HWY_ATTR {
    for_tiles<16 / decltype(vectors)::value / 2>(call.dx.features, [&](auto columns, std::size_t column) HWY_ATTR {
      backward_product_tile<decltype(columns)::value, decltype(vectors)::value>(call, column, v);
    });
  });
}

void target_row(const TargetRowCall& call) {
  const std::size_t columns = call.dx.features;
  for (std::size_t p = 0; p < call.targets.size(); ++p) {
    const double* row = call.weights + static_cast<std::size_t>(call.targets[p]) * columns;
    double* dx = &call.dx.element(0, p);
    for (std::size_t i = 0; i < columns; ++i) dx[i * kBlock] += row[i] * call.dy[p];
  }
}

void transpose(const TransposeCall& call) {
  const std::size_t stride = round_up_to_block(call.x.features);
  V rows[kLanes];
  for (std::size_t v = 0; v < vectors_of(call.positions); ++v) {
    const double* x = vector_at(call.x, v);
    for (std::size_t f = 0; f < stride; f += kLanes) {
      for (std::size_t i = 0; i < kLanes; ++i) rows[i] = f + i < call.x.features ? load(x + (f + i) * kBlock) : zero();
      transpose(rows);
      for (std::size_t i = 0; i < kLanes; ++i) store(rows[i], call.y + (v * kLanes + i) * stride + f);
    }
  }
}

// Rows of dw and vectors of its columns.
template <std::size_t kRows, std::size_t kVectors>
DOUBLES_INLINE void weight_gradient_tile(const WeightGradientCall& call, std::size_t row, std::size_t column) {
  const std::size_t stride = round_up_to_block(call.columns);
  double* dw = call.dw + row * call.columns + column;
  V sums[kRows][kVectors];
  DOUBLES_UNROLL
  for (std::size_t r = 0; r < kRows; ++r) DOUBLES_UNROLL
  for (std::size_t j = 0; j < kVectors; ++j) sums[r][j] = call.add ? load(dw + r * call.columns + j * kLanes) : zero();
  const double* HWY_RESTRICT x = call.x + call.positions * stride + column;
  for (std::size_t p = call.positions; p-- > 0;) {
    x -= stride;
    const double* HWY_RESTRICT dy = call.dy.at(p / kBlock, row) + p % kBlock;
    V x_lanes[kVectors];
    DOUBLES_UNROLL
    for (std::size_t j = 0; j < kVectors; ++j) x_lanes[j] = load(x + j * kLanes);
    DOUBLES_UNROLL
    for (std::size_t r = 0; r < kRows; ++r) {
      const V dy_lanes = broadcast(dy[r * kBlock]);
      DOUBLES_UNROLL
      for (std::size_t j = 0; j < kVectors; ++j) sums[r][j] = hn::Add(sums[r][j], hn::Mul(dy_lanes, x_lanes[j]));
    }
  }
  DOUBLES_UNROLL
  for (std::size_t r = 0; r < kRows; ++r) DOUBLES_UNROLL
  for (std::size_t j = 0; j < kVectors; ++j)
    store_first(sums[r][j], call.columns - column - j * kLanes, dw + r * call.columns + j * kLanes);
}

void weight_gradient(const WeightGradientCall& call) {
  std::size_t column = 0;
  for (; column + kLanes < call.columns; column += 2 * kLanes)
    for_tiles<4>(call.dy.features, [&](auto rows, std::size_t row)
                                       HWY_ATTR { weight_gradient_tile<decltype(rows)::value, 2>(call, row, column); });
  if (column < call.columns)
    for_tiles<8>(call.dy.features, [&](auto rows, std::size_t row)
                                       HWY_ATTR { weight_gradient_tile<decltype(rows)::value, 1>(call, row, column); });
}

void embedding(const EmbeddingCall& call) {
  const std::size_t columns = call.x.features;
  const std::size_t positions = call.tokens.size();
  V rows[kLanes];
  for (std::size_t v = 0; v < vectors_of(positions); ++v) {
    double* x = vector_at(call.x, v);
    for (std::size_t f = 0; f < columns; f += kLanes) {
      for (std::size_t i = 0; i < kLanes; ++i) {
        const std::size_t p = v * kLanes + i;
        rows[i] = zero();
        if (p >= positions) continue;
        const double* token = call.wte + static_cast<std::size_t>(call.tokens[p]) * columns + f;
        rows[i] = hn::Add(load(token), load(call.wpe + p * columns + f));
      }
      transpose(rows);
      for (std::size_t i = 0; i < std::min(kLanes, columns - f); ++i) store(rows[i], x + (f + i) * kBlock);
    }
  }
}

void embedding_backward(const EmbeddingBackwardCall& call) {
  const std::size_t stride = round_up_to_block(call.columns);
  for (std::size_t p = call.tokens.size(); p-- > 0;) {
    double* dwte = call.dwte + static_cast<std::size_t>(call.tokens[p]) * call.columns;
    double* dwpe = call.dwpe + p * call.columns;
    for (std::size_t f = 0; f < call.columns; f += kLanes) {
      const V dx = load(call.dx + p * stride + f);
      store_first(hn::Add(load(dwte + f), dx), call.columns - f, dwte + f);
      store_first(hn::Add(load(dwpe + f), dx), call.columns - f, dwpe + f);
    }
  }
}

}  // namespace microgpt::exact::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
