// SPDX-License-Identifier: MIT
// Known answers from CPython's float.hex().
#include <gtest/gtest.h>

#include <limits>

#include "report/numbers.h"

namespace microgpt::hex_float_test {
namespace {

TEST(HexFloat, IsPythons) {
  const std::pair<double, const char*> answers[] = {
      {0.0, "0x0.0p+0"},
      {-0.0, "-0x0.0p+0"},
      {1.0, "0x1.0000000000000p+0"},
      {-1.5, "-0x1.8000000000000p+0"},
      {0.1, "0x1.999999999999ap-4"},
      {5e-324, "0x0.0000000000001p-1022"},
      {2.2250738585072014e-308, "0x1.0000000000000p-1022"},
      {1.7976931348623157e308, "0x1.fffffffffffffp+1023"},
      {std::numeric_limits<double>::infinity(), "inf"},
      {-std::numeric_limits<double>::infinity(), "-inf"},
      {std::numeric_limits<double>::quiet_NaN(), "nan"},
  };
  for (const auto& [value, hex] : answers) EXPECT_EQ(hex_float(value), hex);
}

}  // namespace
}  // namespace microgpt::hex_float_test
