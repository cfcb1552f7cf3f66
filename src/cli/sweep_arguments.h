// SPDX-License-Identifier: MIT
// The settings of a run (training/settings.h) as flags that take a list of values: "--n-embd 16,32,64"; and what they
// come to, as text.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/command_line.h"
#include "cli/corpus_argument.h"
#include "model/ranges.h"
#include "sweep/sweep_grid.h"
#include "training/setting_values.h"
#include "training/settings.h"

namespace microgpt {

// A visitor that declares a flag for each setting of a sweep. Those that are given are added to `grid`, and all to `flags`,
// which must both outlive the parsing. What is no list of values of a setting throws UsageError.
class FlagsOfLists {
 public:
  FlagsOfLists(Command& command, Grid& grid, std::vector<const Flag*>& flags);

  void integer(const char* name, std::size_t& value, Range, SettingHelp help) {
    add(name, with_default(help.meaning, value), help, "N,...");
  }
  void integer(const char* name, std::optional<std::size_t>& value, Range, SettingHelp help, const char* unset) {
    add(name, value ? with_default(help.meaning, *value) : with_default(help.meaning, unset), help, "N,...");
  }
  void real(const char* name, double& value, RealRange, SettingHelp help) {
    add(name, with_default(help.meaning, value), help, "X,...");
  }
  void real(const char* name, std::optional<double>& value, RealRange, SettingHelp help, const char* unset) {
    add(name, value ? with_default(help.meaning, *value) : with_default(help.meaning, unset), help, "X,...");
  }
  void inverse_flag(const char* name, bool&, SettingHelp help);

  template <typename Value, typename Entries>
  void choice(const char* name, Value& value, const Entries& entries, SettingHelp help) {
    add(name, with_default(fmt::format("{}: {}", help.meaning, list_names(entries)), name_in(entries, value)), help,
        "NAME,...");
  }

 private:
  void add(const std::string& name, const std::string& text, SettingHelp help, const char* type);

  Command& command_;
  Grid& grid_;
  std::vector<const Flag*>& flags_;
};

// What is trained on, and how many configurations; which settings vary, a line each; and those that are other than usual in
// all.
std::string describe_sweep(const Corpus& corpus, const std::vector<RunSettings>& configurations);

// The call of `train` that makes this model.
std::string train_call(const LoadedCorpus& corpus, const RunSettings& settings);

}  // namespace microgpt
