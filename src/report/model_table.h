// SPDX-License-Identifier: MIT
// What a saved model is: its configuration, vocabulary and parameters.
#pragma once

#include <string>
#include <string_view>

#include "model/saved_model.h"

namespace microgpt {

// Lines "name  fact", and a row for each tensor.
std::string model_table(const SavedModel& model);

// The fields of config.json, then precision, parameters (how many), characters, bos, and tensors with name, shape, offset (in
// elements, in the order of the table) and count.
std::string model_json(const SavedModel& model);

// The tokens of a text as the model sees them: BOS, its characters, BOS; "?" marks those that
// it has never seen. REQUIRES: valid UTF-8.
std::string tokens_table(const Tokenizer& tokenizer, std::string_view text);

}  // namespace microgpt
