// SPDX-License-Identifier: MIT
// Denormal numbers, those below 1.2e-38, are zeros for as long as one of these lives: as operands and as results.
//
// Gradients of what a model has learnt fade through them, and a processor takes 100 times as long for one as for another
// number: a third of all the time of a training run. The setting is the calling thread's own, and is as it was afterwards.
// x86 takes a result for denormal after rounding it, ARM before: numbers that round to the least normal one may differ there.
#pragma once

#if defined(__x86_64__)
#include <xmmintrin.h>
#elif defined(__aarch64__)
#include <cstdint>
#endif

namespace microgpt {

class DenormalsAsZero {
 public:
  DenormalsAsZero() : before_(get()) { set(before_ | kBits); }
  ~DenormalsAsZero() { set(before_); }

  DenormalsAsZero(const DenormalsAsZero&) = delete;
  DenormalsAsZero& operator=(const DenormalsAsZero&) = delete;

 private:
#if defined(__x86_64__)
  using Control = unsigned;
  static constexpr Control kBits = 0x8040;  // of MXCSR: flush to zero, denormals are zeros
  static Control get() { return _mm_getcsr(); }
  static void set(Control control) { _mm_setcsr(control); }
#elif defined(__aarch64__)
  using Control = std::uint64_t;
  static constexpr Control kBits = std::uint64_t{1} << 24;  // of FPCR: FZ, which is both
  static Control get() {
    Control control;
    asm volatile("mrs %0, fpcr" : "=r"(control));
    return control;
  }
  static void set(Control control) { asm volatile("msr fpcr, %0" : : "r"(control)); }
#else
  using Control = int;
  static constexpr Control kBits = 0;
  static Control get() { return 0; }
  static void set(Control) {}
#endif

  Control before_;
};

}  // namespace microgpt
