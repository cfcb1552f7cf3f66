// SPDX-License-Identifier: MIT
// JSON as the program prints it.
#pragma once

#include <cmath>
#include <string>

#include "io/json.h"

namespace microgpt {

// A number, or where it is infinite the text "inf", as JSON has no such number. REQUIRES: not NaN.
inline Json json_number(double value) {
  if (std::isinf(value)) return value > 0.0 ? "inf" : "-inf";
  return value;
}

// An object with a field a line, ending in "\n". What is not UTF-8 in it, as the text of a model of bytes may be, becomes
// U+FFFD.
inline std::string json_text(const Json& value) { return dump(value, 2, JsonCharacters::utf8) + "\n"; }

}  // namespace microgpt
