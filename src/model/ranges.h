// SPDX-License-Identifier: MIT
// Ranges and choices in words: what is expected where a value is something else.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "microgpt/config.h"

namespace microgpt {

// Finite numbers from `min`, or above it, up to, not including, `below`, or up to `max`.
struct RealRange {
  double min;
  double below = std::numeric_limits<double>::infinity();
  bool has_min = true;
  double max = std::numeric_limits<double>::infinity();

  static constexpr RealRange above(double min) { return {.min = min, .has_min = false}; }

  bool contains(double x) const { return (has_min ? x >= min : x > min) && x < below && x <= max; }
};

// "a whole number from 1 to 1024", "a number above 0".
std::string describe(Range range);
std::string describe(RealRange range);

// "a", "a or b", "a, b or c".
std::string list_alternatives(const std::vector<std::string>& names);

// The same of the names in a table like kEngineNames.
template <typename Entries>
std::string list_names(const Entries& entries) {
  std::vector<std::string> names;
  for (const auto& entry : entries) names.emplace_back(entry.name);
  return list_alternatives(names);
}

}  // namespace microgpt
