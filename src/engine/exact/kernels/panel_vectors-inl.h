// SPDX-License-Identifier: MIT
// The blocks of engine/exact/exact_panels.h as vectors of doubles.
//
// Included once per target through Highway's foreach_target.h.
#if defined(MICROGPT_EXACT_PANEL_VECTORS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MICROGPT_EXACT_PANEL_VECTORS_INL_H
#undef MICROGPT_EXACT_PANEL_VECTORS_INL_H
#else
#define MICROGPT_EXACT_PANEL_VECTORS_INL_H
#endif

#include <cstddef>

#include "engine/exact/exact_panels.h"
#include "simd/doubles-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt::exact::HWY_NAMESPACE {

using namespace doubles::HWY_NAMESPACE;
using doubles::HWY_NAMESPACE::transpose;  // beside the kernel of that name

static_assert(kBlock == kMaxLanes);
inline constexpr std::size_t kParts = kBlock / kLanes;  // vectors per block

// Vectors of positions: number v is part v % kParts of block v / kParts.
DOUBLES_INLINE std::size_t vectors_of(std::size_t positions) { return (positions + kLanes - 1) / kLanes; }
template <typename T>
DOUBLES_INLINE T* vector_at(PanelView<T> x, std::size_t v) {
  return x.at(v / kParts, 0) + v % kParts * kLanes;
}

}  // namespace microgpt::exact::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // MICROGPT_EXACT_PANEL_VECTORS_INL_H
