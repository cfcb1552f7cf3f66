// SPDX-License-Identifier: MIT
// Relus on the edge: hidden units whose argument is so near 0 that single precision may give it the other sign.
//
// Such a unit lets its gradient through in one engine and not in the other. That moves not only its row of mlp_fc1 but, through
// the residual stream, every parameter before it, so no list of elements can be excused. What can be done is exact: parameters
// that are moved by as little as gives the unit's argument the other sign have the gradient that the other engine should find.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "microgpt/config.h"
#include "text/batch.h"

namespace microgpt::testing {

struct HiddenUnit {
  std::size_t document;
  std::size_t position;
  std::size_t layer;
  std::size_t unit;
  double argument;  // of its activation, in double precision

  std::string describe() const;
};

// The units whose argument is at most `margin` from 0, the nearest first. `parameters` in table order.
std::vector<HiddenUnit> find_units_near_zero(const Config& config, std::span<const double> parameters, const Batch& batch,
                                             double margin);

// The parameters with one element of the unit's row of mlp_fc1 moved, so that the unit's argument becomes `argument`.
std::vector<double> with_argument(const Config& config, std::vector<double> parameters, const Batch& batch,
                                  const HiddenUnit& unit, double argument);

}  // namespace microgpt::testing
