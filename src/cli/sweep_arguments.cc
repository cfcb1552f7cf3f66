// SPDX-License-Identifier: MIT
#include "cli/sweep_arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "cli/arguments.h"
#include "cli/settings_flags.h"
#include "io/json.h"
#include "report/markdown.h"
#include "report/numbers.h"
#include "sweep/sweep_grid.h"
#include "training/default_settings.h"

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

constexpr std::size_t kMaxValues = 12;  // more are counted

std::string describe_values(const std::vector<RunSettings>& configurations, const std::string& name) {
  std::vector<std::string> values;
  std::set<std::string> seen;
  for (const RunSettings& settings : configurations)
    if (std::string value = setting_text(settings, name); seen.insert(value).second) values.push_back(std::move(value));
  if (values.size() > kMaxValues)
    return fmt::format("{} {}, ... {}: {} values", name, values.front(), values.back(), values.size());
  return fmt::format("{} {}", name, fmt::join(values, ", "));
}

// Those that `train` would not have without a flag: what fits the documents depends on what is given, so one is added after
// another, until all are as they must be.
std::set<std::string, std::less<>> settings_to_give(const Corpus& corpus, const RunSettings& settings) {
  std::set<std::string, std::less<>> given{"num_steps"};
  const TrainingSize size = training_size(corpus, settings.options);
  for (;;) {
    RunSettings without;
    for (const std::string& name : given) set_setting(without, name, setting_value(settings, name));
    fit(
        size, [&](std::string_view name) { return given.contains(name); }, without.options);
    const std::vector<std::string> names = setting_names();
    const auto other = std::find_if(names.begin(), names.end(), [&](const std::string& name) {
      return setting_value(without, name) != setting_value(settings, name);
    });
    if (other == names.end()) return given;
    given.insert(*other);
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

std::string describe_sweep(const Corpus& corpus, const std::vector<RunSettings>& configurations) {
  const std::vector<std::string> varying = varying_settings(configurations);
  std::string text = fmt::format("data      {} ({})\nsweep     {}\n", plural(corpus.size(), "document"), corpus.name(),
                                 plural(configurations.size(), "configuration"));
  for (const std::string& name : varying) text += fmt::format("          {}\n", describe_values(configurations, name));
  std::vector<std::string> fixed;
  for (const std::string& name : setting_names())
    if (std::find(varying.begin(), varying.end(), name) == varying.end() &&
        setting_value(configurations.front(), name) != setting_value({}, name))
      fixed.push_back(name);
  if (!fixed.empty()) text += fmt::format("all       {}\n", describe_settings(configurations.front(), fixed));
  return text;
}

std::string train_call(const LoadedCorpus& corpus, const RunSettings& settings) {
  std::vector<std::string> words{"microgpt", "train"};
  if (corpus.source.path) words.push_back(*corpus.source.path);
  const std::set<std::string, std::less<>> given = settings_to_give(corpus.corpus, settings);
  for (const std::string& name : setting_names()) {
    if (!given.contains(name)) continue;
    const SettingValue value = setting_value(settings, name);
    words.push_back(flag_of(name));
    if (!value.is_boolean()) words.push_back(setting_text(settings, name));
  }
  words.insert(words.end(), {"-o", "MODEL"});
  return shell_line(words);
}

}  // namespace microgpt
