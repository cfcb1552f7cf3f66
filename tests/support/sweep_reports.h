// SPDX-License-Identifier: MIT
// Reports of sweeps that nobody has run.
#pragma once

#include <string>
#include <vector>

#include "io/json.h"
#include "report/sweep/sweep_report.h"
#include "sweep/sweep_grid.h"

namespace microgpt::testing {

inline std::vector<RunSettings> sweep_configurations(const std::string& grid) {
  return all_configurations({}, grids_from_json("grid", parse_json("grid", grid)));
}

// Of each configuration its losses, or nothing where it failed; seconds are its number.
inline SweepReport sweep_report(const std::string& grid, const std::vector<std::optional<double>>& validation) {
  std::vector<NumberedResult> results;
  for (std::size_t i = 0; i < validation.size(); ++i) {
    SweepResult result{100 + i, 50, 40, static_cast<double>(i + 1), std::nullopt, "", {5, {{2.5, 2.0}, {2.6, 2.1}}}};
    if (validation[i])
      result.losses = HeldOutLosses{{*validation[i] + 1.0, *validation[i]}, {*validation[i] + 2.0, *validation[i] + 0.5}};
    else
      result.failure = "a < b, \"so\"";
    results.push_back({i, result});
  }
  return make_sweep_report(sweep_configurations(grid), results);
}

}  // namespace microgpt::testing
