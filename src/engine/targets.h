// Which of Highway's targets the kernels are compiled for; to be included before anything of Highway.
#pragma once

// SSE has no fused multiply-add, SVE no vectors of a fixed size.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)

// Where nothing else fits, sixteen numbers. Highway would take its own emulation of vectors, with compilers that it trusts with
// it, and that has no fused multiply-add.
#define HWY_BROKEN_EMU128 1
