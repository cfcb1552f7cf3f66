// "1 line", "2 lines".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace microgpt {

// REQUIRES: the noun takes an s.
inline std::string plural(std::size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

}  // namespace microgpt
