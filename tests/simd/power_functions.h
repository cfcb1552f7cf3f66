// SPDX-License-Identifier: MIT
// What powers-inl.h offers to the kernels, as a function that a test can call for each instruction set.
#pragma once

#include <span>

#include "simd/powers.h"
#include "simd/target.h"

namespace microgpt::testing {

// y = pow(x, exponent), element by element; exponent: 2, 0.5, -0.5, -1, -1.5 or -2. REQUIRES: the target is available on this
// machine.
void power(Target target, std::span<const double> x, double exponent, const Powers& powers, std::span<double> y);

}  // namespace microgpt::testing
