// SPDX-License-Identifier: MIT
#include "cli/sweep_description.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "cli/arguments.h"
#include "report/markdown.h"
#include "report/quantity.h"
#include "sweep/sweep_grid.h"
#include "training/default_settings.h"

namespace microgpt {
namespace {

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
