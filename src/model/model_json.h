// SPDX-License-Identifier: MIT
// `config.json` and `tokenizer.json` of a saved model, as texts; docs/saved_model.md describes them.
//
// `file` stands for the file in error messages. Errors of reading are damaged(), and name the field.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "microgpt/config.h"
#include "microgpt/tokenizer.h"

namespace microgpt {

std::string config_to_json(const Config& config);

struct ConfigFile {
  Config config;
  std::vector<std::string> unknown_fields;  // which other programs write there, and which say nothing here
};

// Throws Error: no JSON, a field twice, one that is missing, of another type or out of its range, another kind of model.
ConfigFile config_from_json(const std::string& file, std::string_view text);

std::string tokenizer_to_json(const Tokenizer& tokenizer);

// Throws Error: as above; an unknown field; characters that do not ascend or, of bytes, are none; BOS is not the last token.
Tokenizer tokenizer_from_json(const std::string& file, std::string_view text);

}  // namespace microgpt
