// SPDX-License-Identifier: MIT
// A double exactly, in the format of Python's float.hex(): 13 hexadecimal digits, so that two files of them can be compared
// byte by byte.
#pragma once

#include <string>

namespace microgpt {

std::string hex_float(double value);

}  // namespace microgpt
