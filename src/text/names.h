// SPDX-License-Identifier: MIT
// Enumerations by name: one table for each says what its values are called, on the command line and in files.
//
//   inline constexpr std::array<Named<Schedule>, 2> kScheduleNames{{{Schedule::linear, "linear"}, ...}};
#pragma once

#include <algorithm>
#include <string_view>

namespace microgpt {

template <typename Enum>
struct Named {
  Enum value;
  std::string_view name;
};

// The name of a value. REQUIRES: it is in the table.
template <typename Entries, typename Value>
constexpr std::string_view name_in(const Entries& entries, Value value) {
  return std::find_if(entries.begin(), entries.end(), [&](const auto& entry) { return entry.value == value; })->name;
}

}  // namespace microgpt
