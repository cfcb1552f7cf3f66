// SPDX-License-Identifier: MIT
#include "report/hex_float.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstdint>

namespace microgpt {

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
