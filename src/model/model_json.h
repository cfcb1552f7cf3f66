// SPDX-License-Identifier: MIT
// `config.json` of a saved model, as a text; docs/saved_model.md describes it.
//
// `file` stands for the file in error messages. Errors of reading are damaged(), and name the field.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/json.h"
#include "microgpt/config.h"

namespace microgpt {

std::string config_to_json(const Config& config);

// The fields of that file which say what the model is, without those for other programs.
Json config_fields(const Config& config);

struct ConfigFile {
  Config config;

  // Fields that other programs write there, and that say nothing here. So do fields that config_to_json() writes for them, and
  // which are named only where they say something else.
  std::vector<std::string> unknown_fields;
};

// Throws Error: no JSON, a field twice, one that is missing, of another type or out of its range, another kind of model.
ConfigFile config_from_json(const std::string& file, std::string_view text);

}  // namespace microgpt
