// SPDX-License-Identifier: MIT
#include "engine/libm_variant.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace microgpt {
namespace {

struct Probe {
  double (*function)(double);
  double argument;
  double with_fma;
  double without_fma;
};

double inverse_square_root(double x) { return std::pow(x, -0.5); }
double exp(double x) { return std::exp(x); }
double log(double x) { return std::log(x); }
double sin(double x) { return std::sin(x); }
double cos(double x) { return std::cos(x); }

// Seen with glibc 2.36.
constexpr std::array<Probe, 10> kProbes{{
    {exp, 0x1.198b955e94b1p-1, 0x1.bbaa52c622bbdp+0, 0x1.bbaa52c622bbep+0},
    {exp, -0x1.a4fbe130c65acp+0, 0x1.8b7ffb58eb411p-3, 0x1.8b7ffb58eb41p-3},
    {log, 0x1.973b705140817p-1, -0x1.d4df163144c88p-3, -0x1.d4df163144c89p-3},
    {log, 0x1.7595841c2f38ep-1, -0x1.42bef87a9a4a8p-2, -0x1.42bef87a9a4a9p-2},
    {inverse_square_root, 0x1.252d8eb1b4c7bp-1, 0x1.524e40f268581p+0, 0x1.524e40f26858p+0},
    {inverse_square_root, 0x1.c959db3533656p-2, 0x1.7f0efb2e1ce89p+0, 0x1.7f0efb2e1ce8ap+0},
    {sin, 0x1.5ac325121dc55p+0, 0x1.f41305a242d5dp-1, 0x1.f41305a242d5ep-1},
    {sin, 0x1.00e59c76120f4p+2, -0x1.882281e88dd45p-1, -0x1.882281e88dd44p-1},
    {cos, 0x1.70c8389bfb3ep+0, 0x1.09fb030ad8f8cp-3, 0x1.09fb030ad8f8bp-3},
    {cos, 0x1.414a7a7c4660ep+2, 0x1.3637549d46bfdp-2, 0x1.3637549d46bfep-2},
}};

bool all_give(double Probe::*expected) {
  return std::all_of(kProbes.begin(), kProbes.end(), [&](const Probe& p) {
    const volatile double argument = p.argument;  // lest the compiler compute the value itself
    return p.function(argument) == p.*expected;
  });
}

}  // namespace

LibmVariant probe_libm() {
  if (all_give(&Probe::with_fma)) return LibmVariant::glibc_fma;
  if (all_give(&Probe::without_fma)) return LibmVariant::glibc_generic;
  return LibmVariant::other;
}

std::string_view describe(LibmVariant variant) {
  switch (variant) {
    case LibmVariant::glibc_fma:
      return "glibc with fused multiply-add (that of the goldens)";
    case LibmVariant::glibc_generic:
      return "glibc without fused multiply-add";
    case LibmVariant::other:
      break;
  }
  return "one that the goldens do not know";
}

}  // namespace microgpt
