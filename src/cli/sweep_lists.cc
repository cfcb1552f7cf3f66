// SPDX-License-Identifier: MIT
#include "cli/sweep_lists.h"

#include <algorithm>
#include <cmath>

#include "cli/settings_flags.h"
#include "io/json.h"

namespace microgpt {
namespace {

SettingValue value_from(const std::string& text) {
  if (text == "null") return {};
  if (const auto number = parse_number<std::size_t>(text)) return *number;
  if (const auto number = parse_number<double>(text); number && std::isfinite(*number)) return *number;
  return text;
}

std::vector<std::string> split_at_commas(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

Axis axis_from(const std::string& name, const std::string& text) {
  const std::vector<std::string> parts = split_at_commas(text);
  std::vector<SettingValue> values;
  for (const std::string& part : parts) values.push_back(value_from(part));
  const auto as_given = [&](const SettingValue& value) {
    const auto& part = parts[static_cast<std::size_t>(std::find(values.begin(), values.end(), value) - values.begin())];
    return part.empty() ? quote(part) : part;  // as in "8,"
  };
  try {
    return make_axis(flag_of(name), name, values, as_given);
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
}

}  // namespace

FlagsOfLists::FlagsOfLists(Command& command, Grid& grid, std::vector<const Flag*>& flags)
    : command_(command), grid_(grid), flags_(flags) {}

void FlagsOfLists::inverse_flag(const char* name, bool&, SettingHelp help) {
  const auto set = [this_grid = &grid_, name](bool) { add_axis(*this_grid, {name, {true}}); };
  flags_.push_back(&in_help(command_.add_switch(flag_of(name), set, help.meaning), help));
}

void FlagsOfLists::add(const std::string& name, const std::string& text, SettingHelp help, const char* type) {
  const auto set = [this_grid = &grid_, name](const std::string& list) { add_axis(*this_grid, axis_from(name, list)); };
  flags_.push_back(&in_help(command_.add_text(flag_of(name), type, set, text), help));
}

}  // namespace microgpt
