// SPDX-License-Identifier: MIT
// The loss of a document laid open, as JSON.
#pragma once

#include <string>

#include "microgpt/explain.h"
#include "microgpt/tokenizer.h"

namespace microgpt {

// docs/explain.md describes the fields.
std::string explanation_json(const Explanation& explanation, const Tokenizer& tokenizer, const std::string& text);

}  // namespace microgpt
