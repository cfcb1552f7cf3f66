// SPDX-License-Identifier: MIT
// Numbers in text: as people say them, exactly, and in JSON.
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>

#include "io/json.h"

namespace microgpt {

// "1 line", "2 lines". REQUIRES: the noun takes an s.
std::string plural(std::size_t count, std::string_view noun);

// "1.85M", "920k", "75".
std::string short_count(double count);

// "0:07 left".
std::string time_left(double seconds);

// A double exactly, in the format of Python's float.hex(): 13 hexadecimal digits, so that two files of them can be compared
// byte by byte.

std::string hex_float(double value);

// A number, or where it is infinite the text "inf", as JSON has no such number. REQUIRES: not NaN.
inline Json json_number(double value) {
  if (std::isinf(value)) return value > 0.0 ? "inf" : "-inf";
  return value;
}

// An object with a field a line, ending in "\n". What is not UTF-8 in it, as the text of a model of bytes may be, becomes
// U+FFFD.
inline std::string json_text(const Json& value) { return dump(value, 2, JsonCharacters::utf8) + "\n"; }

}  // namespace microgpt
