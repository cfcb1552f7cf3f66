// SPDX-License-Identifier: MIT
// Symbols of tokens where there is little space.
#pragma once

#include <string>
#include <string_view>

namespace microgpt {

// Whether Tokenizer::symbol() names a space so, in either encoding.
inline bool is_space(std::string_view symbol) { return symbol == "U+0020" || symbol == "\\x20"; }

// Whether it names the end of a line.
inline bool is_line_end(std::string_view symbol) { return symbol == "U+000A" || symbol == "\\x0a"; }

// "␣" for a space, and all others as they are.
inline std::string short_symbol(const std::string& symbol) { return is_space(symbol) ? "␣" : symbol; }

}  // namespace microgpt
