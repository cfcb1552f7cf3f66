// SPDX-License-Identifier: MIT
// Which of Highway's targets the kernels are compiled for, and what this program calls them; to be included before anything of
// Highway.
#pragma once

// Those with fused multiply-add and vectors of a fixed size, and the one that every machine runs, even where it is not the best
// that every machine of the kind runs. Other targets, of this version of Highway or of a later one, are not compiled.
// With MICROGPT_NO_AVX512, for sanitizers and planted mistakes, there is none for the widest vectors: where those of one width
// are right, it takes long to compile and tells little more.
#if defined(__wasm_simd128__)
#define HWY_DISABLED_TARGETS (~HWY_WASM)  // which all browsers have
#elif defined(MICROGPT_NO_AVX512)
#define HWY_DISABLED_TARGETS (~(HWY_AVX2 | MICROGPT_HWY_NEON | HWY_SCALAR))
#else
#define HWY_DISABLED_TARGETS (~(HWY_AVX3 | HWY_AVX2 | MICROGPT_HWY_NEON | HWY_SCALAR))
#endif
#define HWY_COMPILE_ALL_ATTAINABLE

// Where nothing else fits, sixteen numbers. Highway would take its own emulation of vectors, with compilers that it trusts with
// it, and that has no fused multiply-add.
#define HWY_BROKEN_EMU128 1

// 64-bit ARM always has what the kernels use of NEON. If Highway could look at the processor, it would ask for AES, too, and
// compile the kernels for more than the compiler may use elsewhere.
#define TOOLCHAIN_MISS_SYS_AUXV_H

#include <hwy/detect_targets.h>

#ifdef HWY_NEON_WITHOUT_AES
#define MICROGPT_HWY_NEON HWY_NEON_WITHOUT_AES
#else
#define MICROGPT_HWY_NEON HWY_NEON
#endif

// What is compiled, the fastest first: X(name in Target, Highway's name); and the namespace of the last one.
#define MICROGPT_LAST_TARGET N_SCALAR
#if HWY_TARGETS == (HWY_AVX3 | HWY_AVX2 | HWY_SCALAR)
#define MICROGPT_FOR_EACH_TARGET(X) X(avx512, AVX3) X(avx2, AVX2) X(scalar, SCALAR)
#elif HWY_TARGETS == (HWY_AVX2 | HWY_SCALAR)
#define MICROGPT_FOR_EACH_TARGET(X) X(avx2, AVX2) X(scalar, SCALAR)
#elif HWY_TARGETS == (HWY_NEON | HWY_SCALAR)
#define MICROGPT_FOR_EACH_TARGET(X) X(neon, NEON) X(scalar, SCALAR)
#elif HWY_TARGETS == (MICROGPT_HWY_NEON | HWY_SCALAR)
#define MICROGPT_FOR_EACH_TARGET(X) X(neon, NEON_WITHOUT_AES) X(scalar, SCALAR)
#elif HWY_TARGETS == HWY_WASM
#define MICROGPT_FOR_EACH_TARGET(X) X(wasm, WASM)
#undef MICROGPT_LAST_TARGET
#define MICROGPT_LAST_TARGET N_WASM
#elif HWY_TARGETS == HWY_SCALAR && defined(__wasm__)
#define MICROGPT_FOR_EACH_TARGET(X) X(wasm, SCALAR)  // kernels of doubles, for which Highway has no vectors there
#elif HWY_TARGETS == HWY_SCALAR
#define MICROGPT_FOR_EACH_TARGET(X) X(scalar, SCALAR)
#else
#error "Highway compiles for a set of targets that has no name here"
#endif

// The body of a function that returns the kKernels of a target, from Highway's namespace for it.
#define MICROGPT_KERNELS_OF(name, highway) \
  case Target::name:                       \
    return N_##highway::kKernels;
#define MICROGPT_RETURN_KERNELS(target)           \
  switch (target) {                               \
    MICROGPT_FOR_EACH_TARGET(MICROGPT_KERNELS_OF) \
    default:                                      \
      assert(false);                              \
      return MICROGPT_LAST_TARGET::kKernels;      \
  }
