// Matrix products on panels; see ProductCall and TransposedProductCall in kernels.h.
//
// A tile of some rows times one to three vectors stays in registers while k runs. How large a tile is depends on the
// instruction set and does not matter for the bits: each element is its own chain over k.
#if defined(MICROGPT_PRODUCT_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MICROGPT_PRODUCT_INL_H
#undef MICROGPT_PRODUCT_INL_H
#else
#define MICROGPT_PRODUCT_INL_H
#endif

#include <algorithm>

#include "engine/fast/kernels/kernels.h"
#include "engine/fast/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt::HWY_NAMESPACE {

struct Tile {
  const float* a;
  std::size_t a_row;      // floats from one row of the tile to the next
  std::size_t a_k;        // floats from one k to the next
  std::size_t a_segment;  // after so many k ...
  std::size_t a_jump;     // ... so many floats more
  const float* b;
  std::size_t b_k;
  std::size_t k;
  std::size_t c_row;
  // All laid out as c, and at the tile's first element; null where there is none.
  float* c;
  const float* init;
  float* gate;
  const float* const* addends;
  std::size_t addend_count;
  std::size_t offset;  // of c in the matrix
  Epilogue epilogue;
};

HWY_INLINE Lanes finish(Lanes sum, Epilogue epilogue, float* gate) {
  switch (epilogue) {
    case Epilogue::store:
      return sum;
    case Epilogue::relu:
      return max(sum, zero());
    case Epilogue::relu_backward:
      return where_greater(load(gate), zero(), sum);
    case Epilogue::squared_relu: {
      const Lanes r = max(sum, zero());
      store(r, gate);
      return mul(r, r);
    }
    case Epilogue::squared_relu_backward: {
      const Lanes r = load(gate);
      return mul(add(r, r), sum);
    }
  }
  return sum;
}

template <std::size_t kRows, std::size_t kVectors>
HWY_NOINLINE void compute_tile(const Tile& tile) {
  Lanes sum[kRows][kVectors];
  const std::size_t c_row = tile.c_row;
  if (tile.init != nullptr) {
    const float* init = tile.init;
    LANES_UNROLL(16)
    for (std::size_t r = 0; r < kRows; ++r) {
      LANES_UNROLL(3)
      for (std::size_t v = 0; v < kVectors; ++v) sum[r][v] = load(init + r * c_row + v * kLanes);
    }
  } else {
    LANES_UNROLL(16)
    for (std::size_t r = 0; r < kRows; ++r) {
      LANES_UNROLL(3)
      for (std::size_t v = 0; v < kVectors; ++v) sum[r][v] = zero();
    }
  }
  const float* HWY_RESTRICT a = tile.a;
  const float* HWY_RESTRICT b = tile.b;
  const std::size_t a_row = tile.a_row;
  const std::size_t a_k = tile.a_k;
  const std::size_t b_k = tile.b_k;
  for (std::size_t left = tile.k; left > 0;) {
    const std::size_t n = std::min(left, tile.a_segment);
    left -= n;
    const float* const b_end = b + n * b_k;
    LANES_UNROLL(1)
    for (; b != b_end; a += a_k, b += b_k) {
      Lanes weights[kVectors];
      LANES_UNROLL(3)
      for (std::size_t v = 0; v < kVectors; ++v) weights[v] = load(b + v * kLanes);
      LANES_UNROLL(16)
      for (std::size_t r = 0; r < kRows; ++r) {
        const Lanes x = broadcast(a[r * a_row]);
        LANES_UNROLL(3)
        for (std::size_t v = 0; v < kVectors; ++v) sum[r][v] = mul_add(x, weights[v], sum[r][v]);
      }
    }
    a += tile.a_jump;
  }
  if (tile.addend_count > 0) {
    for (std::size_t i = tile.addend_count; i-- > 0;) {
      const float* addend = tile.addends[i] + tile.offset;
      LANES_UNROLL(16)
      for (std::size_t r = 0; r < kRows; ++r) {
        LANES_UNROLL(3)
        for (std::size_t v = 0; v < kVectors; ++v) sum[r][v] = add(load(addend + r * c_row + v * kLanes), sum[r][v]);
      }
    }
  }
  float* c = tile.c;
  if (tile.epilogue == Epilogue::store) {
    LANES_UNROLL(16)
    for (std::size_t r = 0; r < kRows; ++r) {
      LANES_UNROLL(3)
      for (std::size_t v = 0; v < kVectors; ++v) store(sum[r][v], c + r * c_row + v * kLanes);
    }
  } else {
    LANES_UNROLL(16)
    for (std::size_t r = 0; r < kRows; ++r) {
      LANES_UNROLL(3)
      for (std::size_t v = 0; v < kVectors; ++v) {
        const std::size_t at = r * c_row + v * kLanes;
        store(finish(sum[r][v], tile.epilogue, tile.gate + at), c + at);
      }
    }
  }
}

// The tiles that fit the registers: rows of the largest, and the step in which smaller ones take the rest.
#if HWY_TARGET == HWY_AVX3
inline constexpr std::size_t kTileVectors = 3;
template <std::size_t kVectors>
inline constexpr std::size_t kTileRows = kVectors == 1 ? 16 : 8;
inline constexpr std::size_t kTileStep = 4;
#elif HWY_TARGET == HWY_SCALAR
inline constexpr std::size_t kTileVectors = 1;
template <std::size_t kVectors>
inline constexpr std::size_t kTileRows = 1;
inline constexpr std::size_t kTileStep = 1;
#else
inline constexpr std::size_t kTileVectors = 1;
template <std::size_t kVectors>
inline constexpr std::size_t kTileRows = 6;
inline constexpr std::size_t kTileStep = 2;
#endif

template <std::size_t kRows, std::size_t kVectors>
HWY_INLINE void compute_tile_of(std::size_t rows, const Tile& tile) {
  if constexpr (kRows > kTileStep) {
    if (rows <= kRows - kTileStep) return compute_tile_of<kRows - kTileStep, kVectors>(rows, tile);
  }
  compute_tile<kRows, kVectors>(tile);
}

// Calls visit(vector, count) for groups of up to kTileVectors vectors that lie in one panel.
HWY_INLINE std::size_t vectors_at(const Panels& c, std::size_t vector) {
  const std::size_t per_panel = c.width / kLanes;
  const std::size_t in_panel = per_panel - vector % per_panel;
  const std::size_t wanted = in_panel == 3 ? 3 : 2;
  return std::min({in_panel, wanted, c.vectors - vector, kTileVectors});
}

template <std::size_t kVectors>
HWY_INLINE void product_columns(const ProductCall& call, std::size_t vector, Tile tile) {
  constexpr std::size_t kRows = kTileRows<kVectors>;
  std::size_t begin = 0;
  // Rows whose own position lies before these results do not want them.
  if (call.causal == Causal::results && vector * kLanes > call.diagonal)
    begin = (vector * kLanes - call.diagonal) / kRows * kRows;
  float* const c = call.c.at(0, vector);
  for (std::size_t row = begin; row < call.rows; row += kRows) {
    tile.a = call.a.data + row * call.a.width;
    tile.offset = static_cast<std::size_t>(c - call.c.data) + row * call.c.width;
    tile.c = call.c.data + tile.offset;
    tile.init = call.init == nullptr ? nullptr : call.init + tile.offset;
    tile.gate = call.gate == nullptr ? nullptr : call.gate + tile.offset;
    tile.k = call.causal == Causal::terms ? std::min(call.k, row + kRows + call.diagonal) : call.k;
    compute_tile_of<kRows, kVectors>(call.rows - row, tile);
  }
}

HWY_INLINE void product(const ProductCall& call) {
  Tile tile{};
  tile.a_row = call.a.width;
  tile.a_k = 1;
  tile.a_segment = call.a.width;
  tile.a_jump = call.a.panel_stride - call.a.width;
  tile.b_k = call.b.width;
  tile.c_row = call.c.width;
  tile.epilogue = call.epilogue;
  for (std::size_t vector = 0; vector < call.c.vectors;) {
    const std::size_t count = vectors_at(call.c, vector);
    tile.b = call.b.at(0, vector);
    if constexpr (kTileVectors == 3) {
      if (count == 3) product_columns<3>(call, vector, tile);
      if (count == 2) product_columns<2>(call, vector, tile);
    }
    if (count == 1) product_columns<1>(call, vector, tile);
    vector += count;
  }
}

template <std::size_t kVectors>
HWY_INLINE void transposed_product_columns(const TransposedProductCall& call, std::size_t vector, Tile tile) {
  constexpr std::size_t kRows = kTileRows<kVectors>;
  const std::size_t c_offset = static_cast<std::size_t>(call.c.at(0, vector) - call.c.data);
  const float* const b = call.b.at(0, vector);
  // A tile lies within one panel of a.
  for (std::size_t panel_begin = 0; panel_begin < call.m; panel_begin += call.a.width) {
    const std::size_t panel_end = std::min(call.m, panel_begin + call.a.width);
    const float* const a = call.a.at(0, panel_begin / kLanes);
    for (std::size_t m = panel_begin; m < panel_end; m += kRows) {
      const std::size_t first = call.causal == Causal::terms && m > call.diagonal ? std::min(m - call.diagonal, call.rows) : 0;
      tile.a = a + (m - panel_begin) + first * call.a.width;
      tile.b = b + first * call.b.width;
      tile.k = call.rows - first;
      tile.offset = c_offset + m * call.c.width;
      tile.c = call.c.data + tile.offset;
      compute_tile_of<kRows, kVectors>(panel_end - m, tile);
    }
  }
}

HWY_INLINE void transposed_product(const TransposedProductCall& call) {
  Tile tile{};
  tile.a_row = 1;
  tile.a_k = call.a.width;
  tile.a_segment = ~std::size_t{0};
  tile.b_k = call.b.width;
  tile.c_row = call.c.width;
  tile.addends = call.addends;
  tile.addend_count = call.addend_count;
  tile.epilogue = Epilogue::store;
  for (std::size_t vector = 0; vector < call.c.vectors;) {
    const std::size_t count = vectors_at(call.c, vector);
    if constexpr (kTileVectors == 3) {
      if (count == 3) transposed_product_columns<3>(call, vector, tile);
      if (count == 2) transposed_product_columns<2>(call, vector, tile);
    }
    if (count == 1) transposed_product_columns<1>(call, vector, tile);
    vector += count;
  }
}

}  // namespace microgpt::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // MICROGPT_PRODUCT_INL_H
