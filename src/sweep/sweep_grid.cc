// SPDX-License-Identifier: MIT
#include "sweep/sweep_grid.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "io/json.h"
#include "microgpt/error.h"

namespace microgpt {
namespace {

std::string first_repeated(const std::vector<SettingValue>& values,
                           const std::function<std::string(const SettingValue&)>& show) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (std::find(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(i), values[i]) !=
        values.begin() + static_cast<std::ptrdiff_t>(i))
      return show(values[i]);
  return "";
}

Grid grid_from_json(const std::string& where, const Json& object) {
  if (!object.is_object())
    throw Error(fmt::format("{}: {} is no object of settings, such as {{\"n_embd\": [16, 32]}}", where, brief(object)));
  if (object.fields().empty())
    throw Error(fmt::format("{}: the grid is empty; name settings, as in {{\"n_embd\": [16, 32]}}", where));
  const std::vector<std::string> names = setting_names();
  for (const auto& [key, ignored] : object.fields())
    if (std::find(names.begin(), names.end(), key) == names.end())
      throw Error(fmt::format("{}: there is no setting {}; microgpt sweep --help-all lists them as flags", where, quote(key)));
  Grid grid;
  for (const std::string& name : names) {
    const Json* const found = object.find(name);
    if (found == nullptr) continue;
    const std::vector<SettingValue> values = found->is_array() ? found->elements() : std::vector{*found};
    grid.push_back(make_axis(fmt::format("{}: {}", where, name), name, values, brief));
  }
  return grid;
}

// How many configurations there are, or more than kMaxConfigurations.
std::size_t count_configurations(const std::vector<Grid>& grids) {
  std::size_t sum = 0;
  for (const Grid& grid : grids) {
    std::size_t product = 1;
    for (const Axis& axis : grid) product = std::min(product * axis.values.size(), kMaxConfigurations + 1);
    sum = std::min(sum + product, kMaxConfigurations + 1);
  }
  return sum;
}

// Appends every combination of the axes from number `first` on.
void append_combinations(const Grid& grid, std::size_t first, RunSettings& settings, std::vector<RunSettings>& to) {
  if (first == grid.size()) {
    to.push_back(settings);
    return;
  }
  const RunSettings before = settings;
  for (const SettingValue& value : grid[first].values) {
    set_setting(settings, grid[first].name, value);
    append_combinations(grid, first + 1, settings, to);
  }
  settings = before;
}

void require_all_different(const std::vector<RunSettings>& configurations) {
  const std::vector<std::string> names = setting_names();
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < configurations.size(); ++i) {
    const auto [first, is_new] = seen.emplace(describe_settings(configurations[i], names), i);
    if (is_new) continue;
    throw Error(fmt::format("configuration {} is that of number {} again ({}); take it out of one of the grids", i + 1,
                            first->second + 1, describe_settings(configurations[i], varying_settings(configurations))));
  }
}

void require_one_format(const std::vector<std::string>& varying) {
  for (const std::string& name : corpus_setting_names())
    if (std::find(varying.begin(), varying.end(), name) != varying.end())
      throw Error(
          fmt::format("{} must be the same in all configurations, as the corpus is read once; make a sweep of each", name));
}

std::size_t index_of(const std::string& name) {
  const std::vector<std::string> names = setting_names();
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

}  // namespace

Axis make_axis(std::string_view subject, std::string name, std::vector<SettingValue> values,
               const std::function<std::string(const SettingValue&)>& show) {
  if (values.empty()) throw Error(fmt::format("{} has no value; name one or more", subject));
  if (values.size() > kMaxConfigurations)
    throw Error(fmt::format("{} has {} values; at most {} are possible", subject, values.size(), kMaxConfigurations));
  RunSettings scratch;
  for (const SettingValue& value : values)
    if (const auto expected = set_setting(scratch, name, value))
      throw Error(fmt::format("{} {}: {} is expected", subject, show(value), *expected));
  if (const std::string repeated = first_repeated(values, show); !repeated.empty())
    throw Error(fmt::format("{} {} stands there twice; name it once", subject, repeated));
  return {std::move(name), std::move(values)};
}

std::vector<Grid> grids_from_json(const std::string& where, const Json& value) {
  if (!value.is_array()) return {grid_from_json(where, value)};
  if (value.elements().empty()) throw Error(fmt::format("{}: there is no grid in the array", where));
  std::vector<Grid> grids;
  for (const Json& object : value.elements()) grids.push_back(grid_from_json(where, object));
  return grids;
}

void add_axis(Grid& grid, Axis axis) {
  const auto comes_later = [&](const Axis& other) { return index_of(other.name) > index_of(axis.name); };
  grid.insert(std::find_if(grid.begin(), grid.end(), comes_later), std::move(axis));
}

Json grids_to_json(const std::vector<Grid>& grids) {
  Json array = Json::array();
  for (const Grid& grid : grids) {
    Json object = Json::object();
    for (const Axis& axis : grid) object[axis.name] = axis.values;
    array.push_back(std::move(object));
  }
  return array;
}

std::vector<RunSettings> all_configurations(const RunSettings& base, const std::vector<Grid>& grids) {
  if (count_configurations(grids) > kMaxConfigurations)
    throw Error(fmt::format("the grid has more than {} configurations; take fewer values", kMaxConfigurations));
  std::vector<RunSettings> all;
  RunSettings settings = base;
  for (const Grid& grid : grids) append_combinations(grid, 0, settings, all);
  require_all_different(all);
  require_one_format(varying_settings(all));
  return all;
}

std::vector<std::string> varying_settings(const std::vector<RunSettings>& configurations) {
  std::vector<std::string> names;
  for (const std::string& name : setting_names()) {
    const SettingValue first = setting_value(configurations.front(), name);
    const auto is_same = [&](const RunSettings& settings) { return setting_value(settings, name) == first; };
    if (!std::all_of(configurations.begin(), configurations.end(), is_same)) names.push_back(name);
  }
  return names;
}

std::string describe_settings(const RunSettings& settings, const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, setting_text(settings, name));
  return text;
}

}  // namespace microgpt
