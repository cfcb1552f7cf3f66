// SPDX-License-Identifier: MIT
// The configurations of sweeps that take no time.
#pragma once

#include <string>
#include <vector>

#include "io/json.h"
#include "sweep/sweep_grid.h"

namespace microgpt::testing {

inline std::vector<RunSettings> tiny_configurations(const std::string& grid) {
  RunSettings base;
  base.options.n_embd = 8;
  base.options.n_head = 2;
  base.options.batch_size = 4;
  base.options.training.num_steps = 20;
  return all_configurations(base, grids_from_json("grid", parse_json("grid", grid)));
}

}  // namespace microgpt::testing
