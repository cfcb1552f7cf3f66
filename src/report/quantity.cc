// SPDX-License-Identifier: MIT
#include "report/quantity.h"

#include <fmt/format.h>

namespace microgpt {

std::string plural(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string short_count(double count) {
  if (count >= 999500.0) return fmt::format("{:.2f}M", count / 1e6);  // which in thousands would be 1000k
  return count >= 1e4 ? fmt::format("{:.0f}k", count / 1e3) : fmt::format("{:.0f}", count);
}

std::string time_left(double seconds) {
  const auto whole = static_cast<std::size_t>(seconds + 0.5);
  if (whole < 3600) return fmt::format("{}:{:02} left", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02} left", whole / 3600, whole / 60 % 60, whole % 60);
}

}  // namespace microgpt
