// SPDX-License-Identifier: MIT
#include "simd/powers.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace microgpt {
namespace {

struct NearMiddle {
  double x;
  double exponent;
  double nearest;
};

// The exact powers lie between 1/64 and 1/64 + 1/2048 units from the middle of two doubles.
constexpr std::array<NearMiddle, 48> kNearMiddle{{
    {0x1.891e53c0f7f56p+0, 2.0, 0x1.2dd7105f1af82p+1},  {0x1.7e434374a764cp-24, 2.0, 0x1.1d66677e42335p-47},
    {0x1.9c8f6b4a7cc41p+0, 2.0, 0x1.4c6ef8d865e2fp+1},  {0x1.2fd7b507751f8p-28, 2.0, 0x1.68a0544939cadp-56},
    {0x1.c562ad5ca2404p+0, 2.0, 0x1.917b2fc983450p+1},  {0x1.1b652c77d7598p-20, 2.0, 0x1.39b8d84d14693p-40},
    {0x1.d82406503b976p+3, 2.0, 0x1.b3626e2cd13b7p+7},  {0x1.8b6fea6b7b78dp+6, 2.0, 0x1.3169472a67724p+13},
    {0x1.9938a19180f33p-1, 0.5, 0x1.c9bc241814921p-1},  {0x1.3082ba864d368p+16, 0.5, 0x1.173428537322bp+8},
    {0x1.54b5c12dc6a6ap-2, 0.5, 0x1.275552c3211d1p-1},  {0x1.10ce9fa8dd204p-28, 0.5, 0x1.08451d935958fp-14},
    {0x1.ada8119c087a4p+1, 0.5, 0x1.d50650876be10p+0},  {0x1.999d02246866ep-29, 0.5, 0x1.c9f4441f0efa0p-15},
    {0x1.43ca8acdc5278p+3, 0.5, 0x1.97298822ccaa0p+1},  {0x1.ceb2f4d3a70d4p-1, 0.5, 0x1.e6b9c7db594c1p-1},
    {0x1.dea20ad4a0dd2p+3, -1.0, 0x1.11d8b8ea13de6p-4}, {0x1.5a6215bcf446bp+26, -1.0, 0x1.7a66db5eea96cp-27},
    {0x1.292b8f63e15d8p-4, -1.0, 0x1.b911320bfbc5cp+3}, {0x1.93f6779badf74p+9, -1.0, 0x1.44772e4b76fc9p-10},
    {0x1.f4ff4afc64421p+4, -1.0, 0x1.059f488db27f9p-5}, {0x1.22e221122bb38p+28, -1.0, 0x1.c299947c96343p-29},
    {0x1.ff15934bed59bp-4, -1.0, 0x1.00756c1d60daep+3}, {0x1.247115c0a5c98p+6, -1.0, 0x1.c032dc768f100p-7},
    {0x1.64ffd4ef115e2p+0, -2.0, 0x1.07473e65bf018p-1}, {0x1.10f6666d389fap-10, -2.0, 0x1.c257f0cb11642p+19},
    {0x1.d26205fdd233cp-4, -2.0, 0x1.34872dc02fa1cp+6}, {0x1.fa3ecf6ea570ep+28, -2.0, 0x1.05da6779c1431p-58},
    {0x1.14d0384f561e0p-1, -2.0, 0x1.b5e69ee732785p+1}, {0x1.745212de567f9p+22, -2.0, 0x1.e41ca53874db5p-46},
    {0x1.89fef5419c77ep-4, -2.0, 0x1.b04fa63405aefp+6}, {0x1.ea3fa437cd928p-17, -2.0, 0x1.17386ceecdae2p+32},
    {0x1.bbd2cb3bd96dap-1, -0.5, 0x1.12f5cfeb45e1ep+0}, {0x1.93779531efc46p-2, -0.5, 0x1.97d61737ae8c9p+0},
    {0x1.3a5cc54bd2fb4p-2, -0.5, 0x1.ce08e67274ba7p+0}, {0x1.64e8e012fbec6p+13, -0.5, 0x1.329ddf4d0e07fp-7},
    {0x1.8cf56461d935ep+4, -0.5, 0x1.9b2a88fc53c23p-3}, {0x1.a5b150caa3cd0p+11, -0.5, 0x1.1a15406c30fe2p-6},
    {0x1.8641a2cbecbaep+1, -0.5, 0x1.25396aa9a41edp-1}, {0x1.42662ec75d079p-29, -0.5, 0x1.429c318386b4cp+14},
    {0x1.bb4bf45bad216p-1, -1.5, 0x1.3dc34c1c96e90p+0}, {0x1.690882f26bf04p-14, -1.5, 0x1.31b5a9ed37f94p+20},
    {0x1.d8ae6d9ce98a2p-3, -1.5, 0x1.2098e588a9726p+3}, {0x1.e2e67e7c497fdp-25, -1.5, 0x1.177c2d1f479dep+36},
    {0x1.0a1a7d1686348p-4, -1.5, 0x1.e31e757259cc9p+5}, {0x1.9c76a09113144p-14, -1.5, 0x1.f4b4710cc1c6fp+19},
    {0x1.7eae6b39361ecp-2, -1.5, 0x1.1823a7d78afa7p+2}, {0x1.0459558d9847ep+17, -1.5, 0x1.6101568f1fa00p-26},
}};

double libm_pow(double x, double exponent) { return std::pow(x, exponent); }

}  // namespace

bool pow_keeps_its_bound(Pow pow) {
  return std::all_of(kNearMiddle.begin(), kNearMiddle.end(),
                     [&](const NearMiddle& p) { return pow(p.x, p.exponent) == p.nearest; });
}

Powers libm_powers() {
  static const bool filtered = pow_keeps_its_bound(libm_pow);
  return {libm_pow, filtered};
}

}  // namespace microgpt
