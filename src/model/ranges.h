// SPDX-License-Identifier: MIT
// Ranges and choices in words: what is expected where a value is something else.
#pragma once

#include <string>
#include <vector>

#include "microgpt/config.h"

namespace microgpt {

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
