// SPDX-License-Identifier: MIT
// Matrix products on panels; see ProductCall and TransposedProductCall in kernels.h.
//
// A tile of some rows times one to three vectors stays in registers while k runs. How large a tile is depends on the
// instruction set and does not matter for the bits: each element is its own chain over k.
//
// Where a model's matrices outgrow the second cache, a tile asks for the next columns of b while its sums run, and for where
// they go if that is a gradient: a line with each k, which takes no time. All at once, before the sums, it takes as long as it
// gains.
#include <algorithm>

#include "simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fast/kernels/product.cc"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#define MICROGPT_INLINE_FUSED
#include "engine/fast/kernels/entry_points-inl.h"
#include "simd/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt::fast::HWY_NAMESPACE {

using namespace lanes::HWY_NAMESPACE;

struct Tile {
  const float* a;
  std::size_t a_row;      // floats from one row of the tile to the next, where kRowStride does not say
  std::size_t a_k;        // floats from one k to the next
  std::size_t a_segment;  // after so many k ...
  std::ptrdiff_t a_jump;  // ... so many floats more
  const float* b;
  std::size_t b_k;
  std::size_t k;
  std::size_t c_row;
  std::size_t init_row;
  // At the tile's first element; `gate` is laid out as c.
  float* c;
  const float* init;
  float* gate;
  // At the matrix's first element; the tile's is `offset` floats on.
  const float* const* addends;
  std::size_t addend_count;
  std::size_t offset;
  // Where the kind fetches ahead: from where, line after line; or the same line if there is nothing to fetch.
  const float* ahead[2];
  std::size_t ahead_step;
};

// `at`: where in the gate, if the epilogue has one.
template <Epilogue kEpilogue>
LANES_INLINE Lanes finish(Lanes sum, float* gate, std::size_t at) {
  if constexpr (kEpilogue == Epilogue::relu) return max(sum, zero());
  if constexpr (kEpilogue == Epilogue::relu_backward) return where_greater(load(gate + at), zero(), sum);
  if constexpr (kEpilogue == Epilogue::squared_relu) {
    const Lanes r = max(sum, zero());
    store(r, gate + at);
    return mul(r, r);
  }
  if constexpr (kEpilogue == Epilogue::squared_relu_backward) {
    const Lanes r = load(gate + at);
    return mul(add(r, r), sum);
  }
  return sum;
}

// What a tile does besides the sums. Each combination is compiled for itself: with a choice inside, compilers keep the sums in
// memory.
template <std::size_t kRowStrideValue, Epilogue kEpilogueValue, std::size_t kAheadValue = 0>
struct TileKind {
  static constexpr std::size_t kRowStride = kRowStrideValue;  // of a; 0 where only the call knows
  static constexpr Epilogue kEpilogue = kEpilogueValue;
  static constexpr std::size_t kAhead = kAheadValue;  // lines that are fetched with each k
  // Sums with other epilogues always begin at 0, and only those of transposed products get addends.
  static constexpr bool kInit = kEpilogue == Epilogue::store;
  static constexpr bool kAddends = kRowStride == 1;
};

template <typename Kind, std::size_t kRows, std::size_t kVectors>
HWY_NOINLINE void compute_tile(const Tile& tile) {
  Lanes sum[kRows][kVectors];
  const std::size_t c_row = tile.c_row;
  LANES_UNROLL(16)
  for (std::size_t r = 0; r < kRows; ++r) {
    LANES_UNROLL(3)
    for (std::size_t v = 0; v < kVectors; ++v) sum[r][v] = zero();
  }
  if (Kind::kInit && tile.init != nullptr) {
    LANES_UNROLL(16)
    for (std::size_t r = 0; r < kRows; ++r) {
      LANES_UNROLL(3)
      for (std::size_t v = 0; v < kVectors; ++v) sum[r][v] = load(tile.init + r * tile.init_row + v * kLanes);
    }
  }
  const float* HWY_RESTRICT a = tile.a;
  const float* HWY_RESTRICT b = tile.b;
  const std::size_t a_row = Kind::kRowStride == 0 ? tile.a_row : Kind::kRowStride;
  const std::size_t a_k = tile.a_k;
  const std::size_t b_k = tile.b_k;
  const float* ahead[2] = {tile.ahead[0], tile.ahead[1]};  // unused where kAhead is 0
  const std::size_t ahead_step = tile.ahead_step;
  for (std::size_t left = tile.k; left > 0;) {
    const std::size_t n = std::min(left, tile.a_segment);
    left -= n;
    const float* const b_end = b + n * b_k;
    HWY_UNROLL(1)
    for (; b != b_end; a += a_k, b += b_k) {
      LANES_UNROLL(2)
      for (std::size_t i = 0; i < Kind::kAhead; ++i) {
        hwy::Prefetch(ahead[i]);
        ahead[i] += ahead_step;
      }
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
  if constexpr (Kind::kAddends) {
    for (std::size_t i = 1; i <= tile.addend_count; ++i) {
      const float* addend = tile.addends[tile.addend_count - i] + tile.offset;
      LANES_UNROLL(16)
      for (std::size_t r = 0; r < kRows; ++r) {
        LANES_UNROLL(3)
        for (std::size_t v = 0; v < kVectors; ++v) sum[r][v] = add(load(addend + r * c_row + v * kLanes), sum[r][v]);
      }
    }
  }
  float* const c = tile.c;
  float* const gate = tile.gate;
  LANES_UNROLL(16)
  for (std::size_t r = 0; r < kRows; ++r) {
    LANES_UNROLL(3)
    for (std::size_t v = 0; v < kVectors; ++v) {
      const std::size_t at = r * c_row + v * kLanes;
      store(finish<Kind::kEpilogue>(sum[r][v], gate, at), c + at);
    }
  }
}

// The tiles that fit the registers: rows of the largest, and the step in which smaller ones take the rest. Where the row stride
// is not known, 16 rows would take more address registers than there are.
#if HWY_TARGET == HWY_AVX3
inline constexpr std::size_t kTileVectors = 3;
template <typename Kind, std::size_t kVectors>
inline constexpr std::size_t kTileRows = Kind::kRowStride == 0 || kVectors == 3 ? 8
                                         : kVectors == 2                        ? 12
                                                                                : 16;
inline constexpr std::size_t kTileStep = 4;
#elif HWY_TARGET == HWY_SCALAR
inline constexpr std::size_t kTileVectors = 1;
template <typename Kind, std::size_t kVectors>
inline constexpr std::size_t kTileRows = 1;
inline constexpr std::size_t kTileStep = 1;
#elif HWY_TARGET == HWY_WASM  // sixteen registers of four floats
inline constexpr std::size_t kTileVectors = 1;
template <typename Kind, std::size_t kVectors>
inline constexpr std::size_t kTileRows = 2;
inline constexpr std::size_t kTileStep = 2;
#else
inline constexpr std::size_t kTileVectors = 1;
template <typename Kind, std::size_t kVectors>
inline constexpr std::size_t kTileRows = 6;
inline constexpr std::size_t kTileStep = 2;
#endif

template <typename Kind, std::size_t kRows, std::size_t kVectors>
LANES_INLINE void compute_tile_of(std::size_t rows, const Tile& tile) {
  if constexpr (kRows > kTileStep) {
    if (rows <= kRows - kTileStep) return compute_tile_of<Kind, kRows - kTileStep, kVectors>(rows, tile);
  }
  compute_tile<Kind, kRows, kVectors>(tile);
}

// How many vectors of c, from `vector` on, the next tiles take: they lie in one panel, and c has them all. (Rows of attention
// are wider than the head that c is.)
LANES_INLINE std::size_t vectors_at(const Panels& c, std::size_t vector) {
  const std::size_t per_panel = c.width / kLanes;
  if (per_panel == 1) return 1;
  if (per_panel == 3) return std::min(c.vectors - vector, kTileVectors);
  return std::min({2 - vector % 2, c.vectors - vector, kTileVectors});
}

// Rows are taken in blocks of about equal size, so that what is read again for each panel of c stays in the nearest cache.
// `most`: rows of a block, before they are rounded up to a multiple of `multiple`, which the last one need not be.
LANES_INLINE std::size_t block_rows(std::size_t rows, std::size_t most, std::size_t multiple) {
  const std::size_t blocks = std::max<std::size_t>(1, (rows + most - 1) / most);
  return ((rows + blocks - 1) / blocks + multiple - 1) / multiple * multiple;
}

// Calls Compute::run<number of vectors> for all vectors of c.
template <typename Compute, typename Call>
LANES_INLINE void for_each_column(const Call& call, Tile tile) {
  for (std::size_t vector = 0; vector < call.c.vectors;) {
    const std::size_t count = vectors_at(call.c, vector);
    if constexpr (kTileVectors == 3) {
      if (count == 3) Compute::template run<3>(call, vector, tile);
      if (count == 2) Compute::template run<2>(call, vector, tile);
    }
    if (count == 1) Compute::template run<1>(call, vector, tile);
    vector += count;
  }
}

// Cache lines that follow each other, of which tiles fetch as many as they have k.
class Lines {
 public:
  Lines() = default;
  Lines(const float* begin, std::size_t floats) : next_(begin), left_(floats / kLanes) {}

  LANES_INLINE void fetch_with(Tile& tile) {
    tile.ahead[0] = left_ > 0 ? next_ : tile.b;
    tile.ahead_step = left_ > 0 ? kLanes : 0;
    const std::size_t taken = std::min(left_, tile.k);
    next_ += taken * kLanes;
    left_ -= taken;
  }

 private:
  const float* next_ = nullptr;
  std::size_t left_ = 0;
};

// The panel of b that begins with a vector; none where no panel does.
LANES_INLINE Lines panel_at(const ConstPanels& b, std::size_t vector, std::size_t rows) {
  const bool begins = vector < b.vectors && vector * kLanes % b.width == 0;
  return begins ? Lines(b.at(0, vector), rows * b.width) : Lines();
}

template <typename Kind>
struct ProductColumns {
  template <std::size_t kVectors>
  static HWY_NOINLINE void run(const ProductCall& call, std::size_t vector, Tile& tile) {
    constexpr std::size_t kRows = kTileRows<Kind, kVectors>;
    Lines next_columns;
    if constexpr (Kind::kAhead > 0) next_columns = panel_at(call.b, vector + kVectors, call.k);
    std::size_t begin = 0;
    // Rows whose own position lies before these results do not want them.
    if (call.causal == Causal::results && vector * kLanes > call.diagonal)
      begin = (vector * kLanes - call.diagonal) / kRows * kRows;
    tile.b = call.b.at(0, vector);
    const auto first = static_cast<std::size_t>(call.c.at(0, vector) - call.c.data);
    for (std::size_t row = begin; row < call.rows; row += kRows) {
      const std::size_t offset = first + row * call.c.width;
      tile.a = call.a.data + row * call.a.width;
      tile.c = call.c.data + offset;
      if (call.init != nullptr) tile.init = call.init + offset;
      if (call.gate != nullptr) tile.gate = call.gate + offset;
      tile.k = call.causal == Causal::terms ? std::min(call.k, row + kRows + call.diagonal) : call.k;
      if constexpr (Kind::kAhead > 0) next_columns.fetch_with(tile);
      compute_tile_of<Kind, kRows, kVectors>(call.rows - row, tile);
    }
  }
};

template <std::size_t kRowStride, std::size_t kAhead>
LANES_INLINE void product_with(const ProductCall& call, const Tile& tile) {
  switch (call.epilogue) {
    case Epilogue::store:
      return for_each_column<ProductColumns<TileKind<kRowStride, Epilogue::store, kAhead>>>(call, tile);
    case Epilogue::relu:
      return for_each_column<ProductColumns<TileKind<kRowStride, Epilogue::relu, kAhead>>>(call, tile);
    case Epilogue::relu_backward:
      return for_each_column<ProductColumns<TileKind<kRowStride, Epilogue::relu_backward, kAhead>>>(call, tile);
    case Epilogue::squared_relu:
      return for_each_column<ProductColumns<TileKind<kRowStride, Epilogue::squared_relu, kAhead>>>(call, tile);
    case Epilogue::squared_relu_backward:
      return for_each_column<ProductColumns<TileKind<kRowStride, Epilogue::squared_relu_backward, kAhead>>>(call, tile);
  }
}

LANES_INLINE void product_block(const ProductCall& call) {
  Tile tile{};
  tile.a_row = call.a.width;
  tile.a_k = 1;
  tile.a_segment = call.a.width;
  tile.a_jump = static_cast<std::ptrdiff_t>(call.a.panel_stride) - static_cast<std::ptrdiff_t>(call.a.width);
  tile.b_k = call.b.width;
  tile.c_row = call.c.width;
  tile.init_row = call.c.width;
  switch (call.a.width) {  // Large models have panels of 32, but for odd widths that are not worth code of their own.
    case 16:
      return product_with<16, 0>(call, tile);
    case 32:
      return call.exceeds_cache ? product_with<32, 1>(call, tile) : product_with<32, 0>(call, tile);
    case 48:
      return product_with<48, 0>(call, tile);
    default:  // of attention
      return for_each_column<ProductColumns<TileKind<0, Epilogue::store>>>(call, tile);
  }
}

void product(const ProductCall& call) {
  constexpr std::size_t kMultiple = 48;  // of all tiles
  constexpr std::size_t kMaxRows = 80;
  const std::size_t size = block_rows(call.rows, kMaxRows, kMultiple);
  for (std::size_t begin = 0; begin < call.rows; begin += size)
    product_block(rows_of(call, begin, std::min(begin + size, call.rows)));
}

// The sums of one panel of a with some vectors of b, block by block of rows: the chains of a block's sums begin where those of
// the block before ended, and lie in a small buffer in between.
template <bool kFar, std::size_t kVectors>
class TransposedPanels {
 public:
  LANES_INLINE TransposedPanels(const TransposedProductCall& call, std::size_t vector, std::size_t panel_begin,
                                Lines& next_columns)
      : call_(call),
        next_columns_(next_columns),
        a_(call.a.at(0, panel_begin / kLanes)),
        b_(call.b.at(0, vector)),
        c_(call.c.at(0, vector) + panel_begin * call.c.width),
        panel_begin_(panel_begin),
        panel_rows_(std::min(call.m - panel_begin, panel_step(call))) {}

  // Rows of c that are taken at a time: a panel of a, or part of one that is wider than any but attention's.
  static std::size_t panel_step(const TransposedProductCall& call) { return std::min(call.a.width, kMaxPanelStep); }

  LANES_INLINE void compute(std::size_t block_size) {
    std::size_t begin = 0;
    for (; begin + block_size < call_.rows; begin += block_size) compute_block(begin, block_size, false);
    compute_block(begin, call_.rows - begin, true);
  }

 private:
  static constexpr std::size_t kMaxPanelStep = 3 * kLanes;
  static constexpr std::size_t kSumsWidth = kVectors * kLanes;

  // What is fetched ahead: the next columns of b, but in the last block where the results go and what the last addend has
  // there.
  LANES_INLINE void compute_block(std::size_t begin, std::size_t rows, bool is_last) {
    if constexpr (kFar) {
      if (is_last && call_.addend_count > 0) return compute_tiles<2>(begin, rows, is_last);
    }
    compute_tiles<kFar ? 1 : 0>(begin, rows, is_last);
  }

  template <std::size_t kAhead>
  HWY_NOINLINE void compute_tiles(std::size_t begin, std::size_t rows, bool is_last) {
    using Kind = TileKind<1, Epilogue::store, kAhead>;
    constexpr std::size_t kRows = kTileRows<Kind, kVectors>;
    Tile tile{};
    tile.a_k = call_.a.width;
    tile.a_segment = ~std::size_t{0};
    tile.b_k = call_.b.width;
    tile.c_row = is_last ? call_.c.width : kSumsWidth;
    tile.init_row = kSumsWidth;
    tile.addends = call_.addends;
    tile.addend_count = is_last ? call_.addend_count : 0;
    const std::size_t diagonal = call_.diagonal + begin;
    for (std::size_t m = 0; m < panel_rows_; m += kRows) {
      // Rows whose own position lies before m have no term for it.
      const bool skips = call_.causal == Causal::terms && panel_begin_ + m > diagonal;
      const std::size_t skipped = skips ? std::min(panel_begin_ + m - diagonal, rows) : 0;
      const std::size_t first = begin + skipped;
      float* const sums = sums_ + m * kSumsWidth;
      tile.a = a_ + m + first * call_.a.width;
      tile.b = b_ + first * call_.b.width;
      tile.k = rows - skipped;
      tile.init = begin > 0 ? sums : nullptr;
      tile.c = is_last ? c_ + m * call_.c.width : sums;
      tile.offset = static_cast<std::size_t>(c_ - call_.c.data) + m * call_.c.width;
      if (kFar && is_last) {
        // With many rows that is more than the tile's own lines: those of the next tiles, too, and past the end it does
        // nothing.
        tile.ahead[0] = tile.c;
        if constexpr (kAhead == 2) tile.ahead[1] = tile.addends[tile.addend_count - 1] + tile.offset;
        tile.ahead_step = kLanes;
      } else if constexpr (kFar) {
        next_columns_.fetch_with(tile);
      }
      compute_tile_of<Kind, kRows, kVectors>(panel_rows_ - m, tile);
    }
  }

  const TransposedProductCall& call_;
  Lines& next_columns_;
  const float* a_;
  const float* b_;
  float* c_;
  std::size_t panel_begin_;
  std::size_t panel_rows_;
  alignas(64) float sums_[(kMaxPanelStep + kRowPadding) * kSumsWidth];
};

template <bool kFar>
struct TransposedColumns {
  template <std::size_t kVectors>
  static HWY_NOINLINE void run(const TransposedProductCall& call, std::size_t vector, const Tile&) {
    constexpr std::size_t kMaxRows = 100;  // the more, the more seldom sums are put into the buffer
    const std::size_t size = block_rows(call.rows, kMaxRows, 1);
    Lines next_columns;
    if constexpr (kFar) next_columns = panel_at(call.b, vector + kVectors, call.rows);
    using Panels = TransposedPanels<kFar, kVectors>;
    for (std::size_t panel = 0; panel < call.m; panel += Panels::panel_step(call))
      Panels(call, vector, panel, next_columns).compute(size);
  }
};

void transposed_product(const TransposedProductCall& call) {
  if (call.exceeds_cache) return for_each_column<TransposedColumns<true>>(call, Tile{});
  for_each_column<TransposedColumns<false>>(call, Tile{});
}

}  // namespace microgpt::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
