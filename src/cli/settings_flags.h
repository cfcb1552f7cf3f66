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
#include "training/settings.h"

namespace microgpt {

// Puts a flag where the help of its setting is.
inline Flag& in_help(Flag& flag, SettingHelp help) {
  flag.is_rare = help.is_rare;
  return flag.in(help.group);
}

// A visitor that declares a flag for each setting, and appends it to `flags`. What it visits must outlive the parsing.
class FlagsOfSettings {
 public:
  FlagsOfSettings(Command& command, std::vector<const Flag*>& flags) : command_(command), flags_(flags) {}

  void integer(const char* name, std::size_t& value, Range range, SettingHelp help) {
    add(add_integer(command_, flag_of(name), range, value, help.meaning), help);
  }
  void integer(const char* name, std::optional<std::size_t>& value, Range range, SettingHelp help, const char* unset) {
    add(add_integer(command_, flag_of(name), range, into(value),
                    value ? with_default(help.meaning, *value) : with_default(help.meaning, unset)),
        help);
  }
  void real(const char* name, double& value, RealRange range, SettingHelp help) {
    add(add_real(command_, flag_of(name), range, value, help.meaning), help);
  }
  // REQUIRES: what it means that there is no value is kNone.
  void real(const char* name, std::optional<double>& value, RealRange range, SettingHelp help, const char*) {
    add(add_real_or_none(command_, flag_of(name), range, value, help.meaning), help);
  }
  void inverse_flag(const char* name, bool& value, SettingHelp help) {
    add(command_.add_switch(
            flag_of(name), [&value](bool is_given) { value = !is_given; }, help.meaning),
        help);
  }
  template <typename Value, typename Entries>
  void choice(const char* name, Value& value, const Entries& entries, SettingHelp help) {
    add(add_choice(command_, flag_of(name), entries, value, help.meaning), help);
  }

 private:
  void add(Flag& flag, SettingHelp help) { flags_.push_back(&in_help(flag, help)); }

  Command& command_;
  std::vector<const Flag*>& flags_;
};

// Replaces the default that the help of a flag says.
inline void set_shown_default(Flag& flag, std::string_view usual) {
  flag.help = with_default(flag.help.substr(0, flag.help.rfind(" [")), usual);
}

// Says in the help of each setting that fits the documents (training/default_settings.h) that it does.
inline void describe_fitted_settings(Command& command) {
  for (const std::string_view name : kFittedSettings)
    set_shown_default(command.flag(flag_of(std::string(name))), "fits the documents");
  set_shown_default(command.flag("--block-size"),
                    fmt::format("the longest training document + 1, at most {}", kMaxDefaultContext));
}

// Whether the command line says what a setting is.
inline IsGiven given_flags(Command& command) {
  return [&command](std::string_view setting) { return command.flag(flag_of(std::string(setting))).is_given; };
}

}  // namespace microgpt
