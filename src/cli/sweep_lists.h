// SPDX-License-Identifier: MIT
// The settings of a run (training/settings.h) as flags that take a list of values: "--n-embd 16,32,64".
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "training/sweep_grid.h"

namespace microgpt {

// A visitor that declares a flag for each setting of a sweep. Those that are given are added to `grid`, and all to `flags`,
// which must both outlive the parsing. What is no list of values of a setting throws UsageError.
class FlagsOfLists {
 public:
  FlagsOfLists(Command& command, Grid& grid, std::vector<const Flag*>& flags);

  void integer(const char* name, std::size_t& value, Range, const char* meaning) {
    add(name, with_default(meaning, value), "N,...");
  }
  void integer(const char* name, std::optional<std::size_t>& value, Range, const char* meaning, const char* unset) {
    add(name, value ? with_default(meaning, *value) : with_default(meaning, unset), "N,...");
  }
  void real(const char* name, double& value, RealRange, const char* meaning) {
    add(name, with_default(meaning, value), "X,...");
  }
  void real(const char* name, std::optional<double>& value, RealRange, const char* meaning, const char* unset) {
    add(name, value ? with_default(meaning, *value) : with_default(meaning, unset), "X,...");
  }
  void inverse_flag(const char* name, bool&, const char* meaning);

  template <typename Value, typename Entries>
  void choice(const char* name, Value& value, const Entries& entries, const char* meaning) {
    add(name, with_default(fmt::format("{}: {}", meaning, list_names(entries)), name_in(entries, value)), "NAME,...");
  }

 private:
  void add(const std::string& name, const std::string& help, const char* type);

  Command& command_;
  Grid& grid_;
  std::vector<const Flag*>& flags_;
};

}  // namespace microgpt
