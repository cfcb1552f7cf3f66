// SPDX-License-Identifier: MIT
// `config.json` and `tokenizer.json` of a saved model, as texts; docs/saved_model.md describes them.
//
// `file` stands for the file in error messages. Errors of reading are damaged(), and name the field.
#pragma once

#include <string>
#include <string_view>

#include "microgpt/config.h"
#include "microgpt/tokenizer.h"

namespace microgpt {

std::string config_to_json(const Config& config);

// Throws Error: no JSON, a field that is missing, unknown, of another type or out of its range, another kind of model.
Config config_from_json(const std::string& file, std::string_view text);

std::string tokenizer_to_json(const Tokenizer& tokenizer);

// Throws Error: as above; characters that do not ascend or, of bytes, are none; BOS is not the last token.
Tokenizer tokenizer_from_json(const std::string& file, std::string_view text);

}  // namespace microgpt
