// SPDX-License-Identifier: MIT
// Counts and times as people say them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace microgpt {

// "1 line", "2 lines". REQUIRES: the noun takes an s.
std::string plural(std::size_t count, std::string_view noun);

// "1.85M", "920k", "75".
std::string short_count(double count);

// "0:07 left".
std::string time_left(double seconds);

}  // namespace microgpt
