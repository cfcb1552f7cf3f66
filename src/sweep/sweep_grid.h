// SPDX-License-Identifier: MIT
// Which configurations a sweep trains: settings of `train` with a list of values each, of which every combination is one.
//
// As JSON a grid is an object such as {"n_embd": [16, 32], "learning_rate": [0.01, 0.003], "seed": 1}; an array of such objects
// is all of their configurations, those of the first one first. docs/sweeps.md describes it.
//
// Order: settings come in the order of training/settings.h, whatever the order in the file, and the last one changes fastest.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "training/setting_values.h"

namespace microgpt {

inline constexpr std::size_t kMaxConfigurations = 10'000;

struct Axis {
  std::string name;
  std::vector<SettingValue> values;
};

using Grid = std::vector<Axis>;

// An axis, checked. Throws Error: there is no value, or one twice, or one that the setting cannot have. `subject` stands for
// the axis in messages, show(value) for a value. REQUIRES: there is such a setting.
Axis make_axis(std::string_view subject, std::string name, std::vector<SettingValue> values,
               const std::function<std::string(const SettingValue&)>& show);

// Puts it where it belongs. REQUIRES: the grid has none of its name.
void add_axis(Grid& grid, Axis axis);

// Throws Error that names `where`, the setting and the value: no object or array of objects, an unknown setting, what
// make_axis() throws.
std::vector<Grid> grids_from_json(const std::string& where, const Json& value);
Json grids_to_json(const std::vector<Grid>& grids);

// All configurations, in order: `base` with the values of the grids. Throws Error: more than kMaxConfigurations; one of them
// twice; not all read the corpus in the same way.
std::vector<RunSettings> all_configurations(const RunSettings& base, const std::vector<Grid>& grids);

// The names of the settings that are not the same in all, in order.
std::vector<std::string> varying_settings(const std::vector<RunSettings>& configurations);

// "n_embd 16, seed 2".
std::string describe_settings(const RunSettings& settings, const std::vector<std::string>& names);

}  // namespace microgpt
