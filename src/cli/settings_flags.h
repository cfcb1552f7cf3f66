// SPDX-License-Identifier: MIT
// The settings of a run (training/settings.h) as flags of a command: "--n-embd" for "n_embd", with its range and meaning.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "microgpt/config.h"
#include "training/default_settings.h"

namespace microgpt {

// A visitor that declares a flag for each setting, and appends it to `flags`. What it visits must outlive the parsing.
class FlagsOfSettings {
 public:
  FlagsOfSettings(Command& command, std::vector<const Flag*>& flags) : command_(command), flags_(flags) {}

  void integer(const char* name, std::size_t& value, Range range, const char* meaning) {
    flags_.push_back(&add_integer(command_, flag_of(name), range, value, meaning));
  }
  void integer(const char* name, std::optional<std::size_t>& value, Range range, const char* meaning, const char* unset) {
    flags_.push_back(&add_integer(command_, flag_of(name), range, into(value),
                                  value ? with_default(meaning, *value) : with_default(meaning, unset)));
  }
  void real(const char* name, double& value, RealRange range, const char* meaning) {
    flags_.push_back(&add_real(command_, flag_of(name), range, value, meaning));
  }
  // REQUIRES: what it means that there is no value is kNone.
  void real(const char* name, std::optional<double>& value, RealRange range, const char* meaning, const char*) {
    flags_.push_back(&add_real_or_none(command_, flag_of(name), range, value, meaning));
  }
  void inverse_flag(const char* name, bool& value, const char* meaning) {
    flags_.push_back(&command_.add_switch(
        flag_of(name), [&value](bool is_given) { value = !is_given; }, meaning));
  }
  template <typename Value, typename Entries>
  void choice(const char* name, Value& value, const Entries& entries, const char* meaning) {
    flags_.push_back(&add_choice(command_, flag_of(name), entries, value, meaning));
  }

 private:
  Command& command_;
  std::vector<const Flag*>& flags_;
};

// Says in the help of each setting that fits the documents (training/default_settings.h) that it does.
inline void describe_fitted_settings(Command& command) {
  for (const std::string_view name : kFittedSettings) {
    std::string& help = command.flag(flag_of(std::string(name))).help;
    help = with_default(help.substr(0, help.rfind(" [")), "fits the documents");
  }
  command.flag("--block-size").help =
      with_default("Longest context", fmt::format("the longest training document + 1, at most {}", kMostDefaultContext));
}

// Whether the command line says what a setting is.
inline IsGiven given_flags(Command& command) {
  return [&command](std::string_view setting) { return command.flag(flag_of(std::string(setting))).is_given; };
}

}  // namespace microgpt
