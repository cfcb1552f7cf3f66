// SPDX-License-Identifier: MIT
// Four heads and four keys that share a vector: operations on its four blocks of four lanes, and products with heads' features.
#if defined(MICROGPT_QUADS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MICROGPT_QUADS_INL_H
#undef MICROGPT_QUADS_INL_H
#else
#define MICROGPT_QUADS_INL_H
#endif

#include <type_traits>

#include "engine/fast/kernels/kernels.h"
#include "simd/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt::fast::HWY_NAMESPACE {

using namespace lanes::HWY_NAMESPACE;

inline constexpr std::size_t kQuad = 4;  // heads and keys that share a vector

// Operations on the four blocks of four lanes.
#if HWY_TARGET == HWY_SCALAR

template <typename Combine>
LANES_INLINE Lanes reduce_blocks_of(const Lanes* x) {
  const Combine combine;
  Lanes y;
  for (std::size_t b = 0; b < kLanes; b += kQuad)
    for (std::size_t j = 0; j < kQuad; ++j) {
      const Part* p = x[j].part + b;
      y.part[b + j] = Part(combine(combine(p[0].raw, p[2].raw), combine(p[1].raw, p[3].raw)));
    }
  return y;
}

template <typename Combine>
LANES_INLINE Lanes reduce_within_blocks(Lanes x) {
  const Combine combine;
  Lanes y;
  for (std::size_t b = 0; b < kLanes; b += kQuad) {
    const Part* p = x.part + b;
    const Part r(combine(combine(p[0].raw, p[2].raw), combine(p[1].raw, p[3].raw)));
    for (std::size_t j = 0; j < kQuad; ++j) y.part[b + j] = r;
  }
  return y;
}

template <int kLane>
LANES_INLINE Lanes broadcast_within_blocks(Lanes x) {
  Lanes y;
  for (std::size_t i = 0; i < kLanes; ++i) y.part[i] = x.part[i / kQuad * kQuad + kLane];
  return y;
}

// Block by block: a0 + a1, b0 + b1, a2 + a3, b2 + b3.
LANES_INLINE Lanes add_block_pairs(Lanes a, Lanes b) {
  Lanes y;
  for (std::size_t j = 0; j < kQuad; ++j) {
    y.part[j] = hn::Add(a.part[j], a.part[4 + j]);
    y.part[4 + j] = hn::Add(b.part[j], b.part[4 + j]);
    y.part[8 + j] = hn::Add(a.part[8 + j], a.part[12 + j]);
    y.part[12 + j] = hn::Add(b.part[8 + j], b.part[12 + j]);
  }
  return y;
}

LANES_INLINE Lanes copy_even_blocks(Lanes x) {
  for (std::size_t j = 0; j < kQuad; ++j) {
    x.part[4 + j] = x.part[j];
    x.part[12 + j] = x.part[8 + j];
  }
  return x;
}

LANES_INLINE Lanes copy_odd_blocks(Lanes x) {
  for (std::size_t j = 0; j < kQuad; ++j) {
    x.part[j] = x.part[4 + j];
    x.part[8 + j] = x.part[12 + j];
  }
  return x;
}

#else

template <typename Combine>
LANES_INLINE Lanes reduce_blocks_of(const Lanes* x) {
  Lanes y;
  LANES_EACH_PART(y.part[i] = reduce_blocks<Combine>(x[0].part[i], x[1].part[i], x[2].part[i], x[3].part[i]));
  return y;
}

template <typename Combine>
LANES_INLINE Lanes reduce_within_blocks(Lanes x) {
  const Combine combine;
  LANES_EACH_PART(const Part halves = combine(x.part[i], hn::Shuffle1032(x.part[i]));
                  x.part[i] = combine(halves, hn::Shuffle2301(halves)));
  return x;
}

template <int kLane>
LANES_INLINE Lanes broadcast_within_blocks(Lanes x) {
  LANES_EACH_PART(x.part[i] = hn::Broadcast<kLane>(x.part[i]));
  return x;
}

LANES_INLINE Lanes add_block_pairs(Lanes a, Lanes b) {
  Lanes y;
  if constexpr (kParts == 4) {
    y.part[0] = hn::Add(a.part[0], a.part[1]);
    y.part[1] = hn::Add(b.part[0], b.part[1]);
    y.part[2] = hn::Add(a.part[2], a.part[3]);
    y.part[3] = hn::Add(b.part[2], b.part[3]);
  } else {
    LANES_EACH_PART(y.part[i] = hn::Add(hn::OddEvenBlocks(hn::SwapAdjacentBlocks(b.part[i]), a.part[i]),
                                        hn::OddEvenBlocks(b.part[i], hn::SwapAdjacentBlocks(a.part[i]))));
  }
  return y;
}

LANES_INLINE Lanes copy_even_blocks(Lanes x) {
  if constexpr (kParts == 4) {
    x.part[1] = x.part[0];
    x.part[3] = x.part[2];
  } else {
    LANES_EACH_PART(x.part[i] = hn::OddEvenBlocks(hn::SwapAdjacentBlocks(x.part[i]), x.part[i]));
  }
  return x;
}

LANES_INLINE Lanes copy_odd_blocks(Lanes x) {
  if constexpr (kParts == 4) {
    x.part[0] = x.part[1];
    x.part[2] = x.part[3];
  } else {
    LANES_EACH_PART(x.part[i] = hn::OddEvenBlocks(x.part[i], hn::SwapAdjacentBlocks(x.part[i])));
  }
  return x;
}

#endif

// The features of four heads of kHeadDim features each are kQuadVectors vectors: one of all four heads, two of two heads each,
// or some of each head alone.
template <std::size_t kHeadDim>
inline constexpr std::size_t kQuadVectors = kQuad* kHeadDim / kLanes;

// A vector of many rows.
template <typename T>
struct Column {
  T* data;
  std::size_t width;
  T* operator[](std::size_t row) const { return data + row * width; }
};

template <typename T>
LANES_INLINE Column<T> column(const PanelView<T>& panels, std::size_t row, std::size_t vector) {
  return {panels.at(row, vector), panels.width};
}

// The keys or values of a document's positions for four heads, copied from their rows: [vector][capacity][16]. The positions
// after the last one up to a multiple of four are 0.
struct Gathered {
  float* data;
  std::size_t capacity;
  float* at(std::size_t vector, std::size_t position) const { return data + (vector * capacity + position) * kLanes; }
};

LANES_INLINE void gather(const ConstPanels& from, std::size_t first_vector, std::size_t vectors,
                         const AttentionDocument& document, const Gathered& to) {
  for (std::size_t v = 0; v < vectors; ++v) {
    const Column<const float> x = column(from, 0, first_vector + v);
    float* y = to.at(v, 0);
    for (std::size_t t = 0; t < document.size; ++t, y += kLanes) store(load(x[static_cast<std::size_t>(document.rows[t])]), y);
    for (std::size_t t = document.size; t % kQuad != 0; ++t, y += kLanes) store(zero(), y);
  }
}

// For each of four heads the dot products of its features in x with those of four positions: a lane each, four lanes a head.
// The order of the heads is that of expand().
template <std::size_t kHeadDim>
LANES_INLINE Lanes head_dots(const Lanes* x, const Gathered& y, std::size_t position) {
  if constexpr (kHeadDim >= kLanes) {
    constexpr std::size_t kPerHead = kHeadDim / kLanes;
    Lanes products[kLanes];
    LANES_UNROLL(4)
    for (std::size_t h = 0; h < kQuad; ++h) {
      LANES_UNROLL(4)
      for (std::size_t t = 0; t < kQuad; ++t)
        products[kQuad * h + t] = mul(x[h * kPerHead], load(y.at(h * kPerHead, position + t)));
      LANES_UNROLL(4)
      for (std::size_t v = 1; v < kPerHead; ++v) {
        LANES_UNROLL(4)
        for (std::size_t t = 0; t < kQuad; ++t)
          products[kQuad * h + t] =
              mul_add(x[h * kPerHead + v], load(y.at(h * kPerHead + v, position + t)), products[kQuad * h + t]);
      }
    }
    return lane_sums(products);
  } else {
    Lanes sums[2];
    LANES_UNROLL(2)
    for (std::size_t v = 0; v < kQuadVectors<kHeadDim>; ++v) {
      Lanes products[kQuad];
      LANES_UNROLL(4)
      for (std::size_t t = 0; t < kQuad; ++t) products[t] = mul(x[v], load(y.at(v, position + t)));
      sums[v] = reduce_blocks_of<Adding>(products);
    }
    return kHeadDim == 8 ? add_block_pairs(sums[0], sums[1]) : sums[0];
  }
}

// Of weights for each of four heads and four keys those of the first head whose features lie in a vector of the four heads; all
// of them where that vector has several heads.
template <std::size_t kHeadDim>
LANES_INLINE const float* weights_of(const float* weights, std::size_t vector) {
  return kHeadDim >= kLanes ? weights + kQuad * (vector * kLanes / kHeadDim) : weights;
}

// From these key kKey's, at the lanes of those features. kOdd: of heads of 8 features the second vector.
template <std::size_t kHeadDim, bool kOdd, int kKey>
LANES_INLINE Lanes expand(const float* weights) {
  if constexpr (kHeadDim >= kLanes) return broadcast(weights[kKey]);
  if constexpr (kHeadDim == 4) return broadcast_within_blocks<kKey>(load(weights));
  const Lanes w = load(weights);
  return broadcast_within_blocks<kKey>(kOdd ? copy_odd_blocks(w) : copy_even_blocks(w));
}

// Calls visit(vector, kOdd) for each vector of four heads.
template <std::size_t kHeadDim, typename Visit>
LANES_INLINE void for_each_vector(const Visit& visit) {
  if constexpr (kHeadDim == 8) {
    visit(0, std::false_type());
    visit(1, std::true_type());
  } else {
    HWY_UNROLL(1)
    for (std::size_t v = 0; v < kQuadVectors<kHeadDim>; ++v) visit(v, std::false_type());
  }
}

}  // namespace microgpt::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // MICROGPT_QUADS_INL_H
