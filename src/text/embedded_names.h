// SPDX-License-Identifier: MIT
// data/names.txt as the build embeds it: one name a line.
#pragma once

#include <string_view>

namespace microgpt {

std::string_view embedded_names_text();

}  // namespace microgpt
