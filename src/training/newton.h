// SPDX-License-Identifier: MIT
// The minimum of a convex function of some numbers, by Newton's method.
//
// Steps that do not help are made shorter. Numbers that may not be negative stay at 0 where the function falls only below
// (projected Newton: Bertsekas, "Projected Newton methods for optimization problems with simple constraints", 1982).
// Deterministic; no global state.
#pragma once

#include <functional>
#include <vector>

namespace microgpt {

// A function's value at a point, with its gradient and second derivatives.
struct Slopes {
  double value = 0.0;
  std::vector<double> first;   // [n]
  std::vector<double> second;  // [n][n], symmetric and positive definite
};

using SlopesAt = std::function<Slopes(const std::vector<double>& point)>;

// From `start` on, until a step would gain no more than `min_gain`. Of the numbers those that `is_nonnegative` names stay 0
// or above; where it is empty, none does. REQUIRES: the function is convex; `start` is allowed.
std::vector<double> minimise(const SlopesAt& function, std::vector<double> start, double min_gain,
                             const std::vector<bool>& is_nonnegative = {});

}  // namespace microgpt
