// SPDX-License-Identifier: MIT
// A cache line is asked for before it is written.
//
// Included once per target through Highway's foreach_target.h.
#if defined(MICROGPT_PREPARE_TO_WRITE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MICROGPT_PREPARE_TO_WRITE_INL_H
#undef MICROGPT_PREPARE_TO_WRITE_INL_H
#else
#define MICROGPT_PREPARE_TO_WRITE_INL_H
#endif

#include <hwy/highway.h>

#include <cstddef>

HWY_BEFORE_NAMESPACE();
namespace microgpt::lanes::HWY_NAMESPACE {

// With several threads, other cores have read what is written here. To write a cache line that is shared takes as long as to
// fetch it, and stores wait for each other: so it is asked for beforehand. Past the end of a buffer that does nothing.
constexpr std::size_t kLinesAhead = 16;

inline void prepare_to_write(float* line) {
#if HWY_ARCH_X86
  asm volatile("prefetchw %0" : : "m"(*line));
#else
  __builtin_prefetch(line, 1);
#endif
}

}  // namespace microgpt::lanes::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // MICROGPT_PREPARE_TO_WRITE_INL_H
