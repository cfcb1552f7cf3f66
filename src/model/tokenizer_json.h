// SPDX-License-Identifier: MIT
// `tokenizer.json` and `tokenizer_config.json` of a saved model, as texts, in the schema of Hugging Face's tokenizers;
// docs/saved_model.md describes them.
//
// `file` stands for the file in error messages. Errors of reading are damaged(), and name the field.
#pragma once

#include <string>
#include <string_view>

#include "microgpt/tokenizer.h"

namespace microgpt {

// What BOS is called in these files. Other programs take a text in which this name stands for BOS. So it has a character that
// the vocabulary does not have, if there is one: "<BOS>", or with one more character before the end.
std::string bos_name(const Tokenizer& tokenizer);

std::string tokenizer_to_json(const Tokenizer& tokenizer);
std::string tokenizer_config_to_json(const Tokenizer& tokenizer);

// Reads what tokenizer_to_json() writes, with any name of BOS, and what earlier versions wrote. Throws Error: no JSON; a
// field twice, one that is missing, unknown or not what tokenizer_to_json() writes there; tokens that are not numbered from 0;
// characters that do not ascend or, of bytes, are none; BOS is not the last token.
Tokenizer tokenizer_from_json(const std::string& file, std::string_view text);

}  // namespace microgpt
