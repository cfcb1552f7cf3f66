// SPDX-License-Identifier: MIT
// A horizontal bar of block characters, in steps of an eighth of a column.
#pragma once

#include <cstddef>
#include <string>

namespace microgpt {

// `fraction` of `width` columns; what is below 0 or above 1 counts as 0 or 1.
std::string bar(double fraction, std::size_t width);

}  // namespace microgpt
