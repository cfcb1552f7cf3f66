// SPDX-License-Identifier: MIT
// Powers without pow, beside the pow of this C library; and that a pow with another bound is found out.
#include "simd/powers.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "random/python_random.h"
#include "simd/power_functions.h"
#include "simd/target.h"
#include "support/length.h"

namespace microgpt::powers_test {
namespace {

constexpr std::array kExponents{2.0, 0.5, -0.5, -1.0, -1.5, -2.0};

double libm_pow(double x, double exponent) { return std::pow(x, exponent); }

bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) || (std::isnan(a) && std::isnan(b));
}

// The first argument whose power is not that of pow, in words, or an empty string.
std::string find_difference(Target target, double exponent, const std::vector<double>& arguments) {
  std::vector<double> powers(arguments.size());
  testing::power(target, arguments, exponent, {libm_pow, true}, powers);
  for (std::size_t i = 0; i < arguments.size(); ++i)
    if (!same_bits(powers[i], std::pow(arguments[i], exponent)))
      return fmt::format("pow({:a}, {}) is {:a} instead of {:a}", arguments[i], exponent, powers[i],
                         std::pow(arguments[i], exponent));
  return "";
}

// A positive number whose mantissa has all bits drawn, with an exponent of two between -most and most - 1.
double random_argument(PythonRandom& random, std::size_t most) {
  return std::ldexp(1.0 + random.random(), static_cast<int>(random.randbelow(2 * most)) - static_cast<int>(most));
}

void compare_with_libm(std::size_t count, std::uint64_t seed) {
  ASSERT_TRUE(libm_powers().filtered) << "this C library's pow has another bound; nothing to compare";
  PythonRandom random(seed);
  constexpr std::size_t kBatch = 100'000;
  std::vector<double> arguments(kBatch);
  for (std::size_t done = 0; done < count;) {
    // As they come in training, and of all sizes for which it is not left to pow.
    for (const std::size_t most : {std::size_t{3}, std::size_t{110}})
      for (const double exponent : kExponents) {
        for (double& x : arguments) x = random_argument(random, most);
        for (const Target target : available_targets()) ASSERT_EQ(find_difference(target, exponent, arguments), "");
        done += kBatch;
      }
  }
}

TEST(Powers, AreThoseOfLibm) { compare_with_libm(testing::full_or(2'000'000, 100'000), 1); }

// A hundred million arguments, on each target: labelled slow.
TEST(SlowPowers, AreThoseOfLibm) { compare_with_libm(100'000'000, 2); }

TEST(Powers, OfSpecialNumbers) {
  std::vector<double> arguments{0.0,
                                std::numeric_limits<double>::infinity(),
                                std::nan(""),
                                std::numeric_limits<double>::denorm_min(),
                                std::numeric_limits<double>::min(),
                                std::numeric_limits<double>::max(),
                                1.0,
                                1e-300,
                                1e300};
  for (int e = -1074; e < 1024; ++e)
    for (const double near : {1.0, std::nextafter(1.0, 0.0), std::nextafter(1.0, 2.0), 1.5})
      arguments.push_back(std::ldexp(near, e));
  for (const Target target : available_targets())
    for (const double exponent : kExponents) EXPECT_EQ(find_difference(target, exponent, arguments), "") << name_of(target);
  for (double& x : arguments) x = -x;
  for (const Target target : available_targets()) EXPECT_EQ(find_difference(target, 2.0, arguments), "") << name_of(target);
}

// A pow of its own kind for the tests below: the nearest double or its neighbour, whose error is up to 1/2 + kExcess units. The
// error is as arbitrary as that of a table and a polynomial.
template <int kExcessInThousandths>
double sloppy_pow(double x, double exponent) {
  const long double exact = std::pow(static_cast<long double>(x), static_cast<long double>(exponent));
  const double near = static_cast<double>(exact);
  const double unit = std::nextafter(std::abs(near), std::numeric_limits<double>::infinity()) - std::abs(near);
  const double arbitrary = std::fmod(std::abs(x) * 12345.678 + 0.123, 1.0) * 2.0 - 1.0;
  return static_cast<double>(exact + static_cast<long double>(arbitrary * kExcessInThousandths * 1e-3 * unit));
}

TEST(Powers, APowWithAnotherBoundIsFoundOut) {
  EXPECT_TRUE(pow_keeps_its_bound(sloppy_pow<14>)) << "as exact as glibc's";
  EXPECT_FALSE(pow_keeps_its_bound(sloppy_pow<30>));
  EXPECT_FALSE(pow_keeps_its_bound(sloppy_pow<100>));
  EXPECT_FALSE(pow_keeps_its_bound(sloppy_pow<500>));
}

// Then pow is called for each argument.
TEST(Powers, OfAPowWithAnotherBoundAreItsOwn) {
  PythonRandom random(3);
  std::vector<double> arguments(1001), powers(1001);
  for (double& x : arguments) x = random_argument(random, 20);
  const Pow pow = sloppy_pow<500>;
  for (const Target target : available_targets())
    for (const double exponent : kExponents) {
      testing::power(target, arguments, exponent, {pow, pow_keeps_its_bound(pow)}, powers);
      for (std::size_t i = 0; i < arguments.size(); ++i) ASSERT_EQ(powers[i], pow(arguments[i], exponent));
    }
}

// Of arguments as they come in training, few are left to pow: that it is called at all, and seldom.
TEST(Powers, PowIsSeldomCalled) {
  static std::size_t calls;
  const auto counting = [](double x, double exponent) {
    ++calls;
    return std::pow(x, exponent);
  };
  PythonRandom random(4);
  std::vector<double> arguments(10'000), powers(10'000);
  for (double& x : arguments) x = random_argument(random, 3);
  for (const Target target : available_targets())
    for (const double exponent : kExponents) {
      calls = 0;
      testing::power(target, arguments, exponent, {counting, true}, powers);
      EXPECT_GT(calls, 200U) << exponent << name_of(target);
      EXPECT_LT(calls, 450U) << exponent << name_of(target);
    }
}

}  // namespace
}  // namespace microgpt::powers_test
