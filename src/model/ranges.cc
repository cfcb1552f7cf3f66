// SPDX-License-Identifier: MIT
#include "model/ranges.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace microgpt {

std::string describe(Range range) { return fmt::format("a whole number from {} to {}", range.min, range.max); }

std::string describe(RealRange range) {
  if (range.min == std::numeric_limits<double>::lowest()) return "a number";
  if (std::isfinite(range.max) && range.has_min) return fmt::format("a number from {} to {}", range.min, range.max);
  if (std::isfinite(range.max)) return fmt::format("a number above {} and at most {}", range.min, range.max);
  if (!range.has_min) return fmt::format("a number above {}", range.min);
  if (std::isfinite(range.below)) return fmt::format("a number from {} to below {}", range.min, range.below);
  return fmt::format("a number of at least {}", range.min);
}

std::string list_alternatives(const std::vector<std::string>& names) {
  std::string list;
  for (std::size_t i = 0; i < names.size(); ++i) list += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
  return list;
}

}  // namespace microgpt
