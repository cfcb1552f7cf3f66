// SPDX-License-Identifier: MIT
#include "report/numbers.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstdint>

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

std::string hex_float(double value) {
  constexpr int kMantissaBits = 52;
  constexpr int kExponentBias = 1023;
  if (std::isnan(value)) return "nan";
  const char* sign = std::signbit(value) ? "-" : "";
  if (std::isinf(value)) return fmt::format("{}inf", sign);
  if (value == 0.0) return fmt::format("{}0x0.0p+0", sign);
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const std::uint64_t mantissa = bits & ((std::uint64_t{1} << kMantissaBits) - 1);
  const auto exponent = static_cast<int>((bits >> kMantissaBits) & 0x7FF);
  const bool subnormal = exponent == 0;
  return fmt::format("{}0x{}.{:013x}p{:+d}", sign, subnormal ? 0 : 1, mantissa, (subnormal ? 1 : exponent) - kExponentBias);
}

}  // namespace microgpt
