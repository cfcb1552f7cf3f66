// SPDX-License-Identifier: MIT
// SHA-256 (FIPS 180-4), by which a file is known again.
#pragma once

#include <string>
#include <string_view>

namespace microgpt {

// 64 hexadecimal digits in lower case.
std::string sha256(std::string_view bytes);

}  // namespace microgpt
