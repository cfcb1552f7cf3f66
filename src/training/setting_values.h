// SPDX-License-Identifier: MIT
// The settings of a run by name, each with a value in JSON: for the files and flags that name them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "io/json.h"
#include "microgpt/corpus.h"
#include "training/training_run.h"

namespace microgpt {

struct RunSettings {
  CorpusFormat format;
  TrainSettings options;
};

// A number, a text, true or false, or null where the setting is optional and not set; where that means that there is none,
// "none" says the same.
using SettingValue = Json;

// Of all settings, in the order of training/settings.h.
std::vector<std::string> setting_names();

// Of those among them that say how the corpus is read.
std::vector<std::string> corpus_setting_names();

// REQUIRES: there is such a setting.
SettingValue setting_value(const RunSettings& settings, const std::string& name);

// Sets it, unless the value is none of those that it may have: the answer then says what is expected, as in "a whole number
// from 1 to 1024". REQUIRES: there is such a setting.
std::optional<std::string> set_setting(RunSettings& settings, const std::string& name, const SettingValue& value);

// All of them as an object, and back. Throws Error, which names `where`: one is missing, unknown, or has a value that it may
// not have.
Json settings_to_json(const RunSettings& settings);
RunSettings settings_from_json(const std::string& where, const Json& object);

// Its value for the eye: "0.01", "cosine", "none", "null". REQUIRES: there is such a setting.
std::string setting_text(const RunSettings& settings, const std::string& name);

}  // namespace microgpt
