// SPDX-License-Identifier: MIT
// Text without the difference of upper and lower case: each character becomes its lower case, where that is one character, as
// the C library's tables of Unicode have it.
#pragma once

#include <string>
#include <string_view>

namespace microgpt {

// Throws Error: the C library has no tables, as it lacks the locale C.UTF-8.
char32_t lower_case(char32_t character);

// REQUIRES: valid UTF-8. Throws as above.
std::string fold_case(std::string_view text);

}  // namespace microgpt
