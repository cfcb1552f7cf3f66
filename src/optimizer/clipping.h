// SPDX-License-Identifier: MIT
// Clipping of the gradient by its global norm (Pascanu, Mikolov and Bengio 2013).
#pragma once

#include "microgpt/engine.h"
#include "microgpt/target.h"

namespace microgpt {

// The L2 norm of the whole gradient. What an engine's layout adds to it is 0 and does not count. Sums are in double precision;
// of a gradient in single precision they are the kernel's, with the same bits on every target, and cannot overflow.
double gradient_norm(const AnyBuffers& buffers, Target target = best_target());

// What a gradient of this norm is to be multiplied by, so that its norm is at most `limit`. REQUIRES: limit > 0.
constexpr double clipping_factor(double norm, double limit) { return norm > limit ? limit / norm : 1.0; }

}  // namespace microgpt
