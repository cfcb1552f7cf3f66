// SPDX-License-Identifier: MIT
// Known answers, printed by CPython 3.11. Those of gauss go through the C library; compare with a CPython on this machine where
// they differ (tests/oracle does).
#include "random/python_random.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "engine/libm_variant.h"
#include "microgpt/error.h"

namespace microgpt::python_random_test {
namespace {

struct SeedAnswer {
  std::uint64_t seed;
  std::array<std::uint32_t, 3> words;
  double random;
};

TEST(PythonRandom, SeedsOfAnySize) {
  const SeedAnswer answers[] = {
      {0, {3626764237U, 1654615998U, 3255389356U}, 0x1.c7ce0d1aeaa51p-1},
      {42, {2746317213U, 478163327U, 107420369U}, 0x1.7bac81d19a149p-1},
      {1, {577090037U, 2444712010U, 3639700191U}, 0x1.9ac27c70e1aefp-1},
      {4294967295U, {2728839433U, 2661025012U, 872737089U}, 0x1.b905fd9b7c608p-3},
      {4294967296U, {485306839U, 1508871100U, 1794561286U}, 0x1.de93c9811139cp-1},
      {1099511640121U, {1332995613U, 1500173691U, 493462063U}, 0x1.fed2e2267cd00p-9},
      {18446744073709551615U, {93740670U, 1068495656U, 1452108352U}, 0x1.3cccf60d90e01p-1},
  };
  for (const SeedAnswer& answer : answers) {
    PythonRandom random(answer.seed);
    for (const std::uint32_t word : answer.words) EXPECT_EQ(random.next_word(), word) << answer.seed;
    EXPECT_EQ(random.random(), answer.random) << answer.seed;
  }
}

TEST(PythonRandom, SeedsOf128Bits) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  struct Answer {
    std::uint64_t low;
    std::uint64_t high;
    std::array<std::uint32_t, 3> words;
    double random;
  };
  const Answer answers[] = {
      {42, 0, {2746317213U, 478163327U, 107420369U}, 0x1.7bac81d19a149p-1},
      {42, 1, {1501122952U, 4045538232U, 4002885932U}, 0x1.e22adfb1b6db0p-1},
      {0, 1, {4198958755U, 3158798261U, 1593907883U}, 0x1.78d1deffd34a8p-4},
      {0, 4294967296U, {1386687762U, 3094377094U, 2020088715U}, 0x1.cb6c018c12f90p-2},
      {1099511627776U, 3, {4169656369U, 2950419308U, 2607509979U}, 0x1.a466c936b09a0p-2},
      {kMax, kMax, {1009630920U, 3360221056U, 3623212703U}, 0x1.facc957174674p-2},
  };
  for (const Answer& answer : answers) {
    PythonRandom random(answer.low, answer.high);
    for (const std::uint32_t word : answer.words) EXPECT_EQ(random.next_word(), word) << answer.low << ' ' << answer.high;
    EXPECT_EQ(random.random(), answer.random) << answer.low << ' ' << answer.high;
  }
}

TEST(PythonRandom, StaysRightBeyondOneRefill) {
  PythonRandom random(5);
  for (int i = 0; i < 1000; ++i) random.random();
  EXPECT_EQ(random.random(), 0x1.be1d7c2992ec6p-1);
}

TEST(PythonRandom, Getrandbits) {
  PythonRandom random(3);
  EXPECT_EQ(random.getrandbits(1), 0U);
  EXPECT_EQ(random.getrandbits(33), 6840340626U);
  EXPECT_EQ(random.getrandbits(64), 6824468167912547177U);
  EXPECT_EQ(random.getrandbits(7), 117U);
}

TEST(PythonRandom, Randbelow) {
  const std::pair<std::uint64_t, std::uint64_t> answers[] = {{1, 0},
                                                             {2, 0},
                                                             {3, 2},
                                                             {10, 4},
                                                             {27, 7},
                                                             {1000, 228},
                                                             {4294967295U, 599310825U},
                                                             {4294967296U, 3163119785U},
                                                             {8589934593U, 1812140441U},
                                                             {9223372036854775808U, 1728372192399379054U},
                                                             {5, 1}};
  PythonRandom random(42);
  for (const auto& [n, answer] : answers) EXPECT_EQ(random.randbelow(n), answer) << n;
}

TEST(PythonRandom, Shuffle) {
  std::vector<int> items(20);
  std::iota(items.begin(), items.end(), 0);
  PythonRandom(42).shuffle(std::span(items));
  EXPECT_EQ(items, (std::vector{19, 5, 14, 4, 9, 13, 15, 18, 6, 12, 17, 10, 1, 11, 2, 16, 7, 8, 0, 3}));
}

TEST(PythonRandom, Gauss) {
  const double answers[] = {-0x1.79b96220d7201p-7, -0x1.c541a459f41e7p-7, -0x1.23cecf65fb604p-7, 0x1.cc0d536a8e9edp-5,
                            -0x1.4e770c3f7da0ep-7};
  const bool same_libm = probe_libm() == LibmVariant::glibc_fma;
  PythonRandom random(42);
  for (const double answer : answers) {
    const double value = random.gauss(0.0, 0.08);
    EXPECT_TRUE(same_libm ? value == answer : std::abs(value - answer) < 1e-15) << value << " instead of " << answer;
  }
}

TEST(PythonRandom, GaussDrawsEvenWithoutSpread) {
  PythonRandom random(42);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(random.gauss(1.0, 0.0), 1.0);
  EXPECT_EQ(random.random(), 0x1.7912c1468f47ep-1);
}

TEST(PythonRandom, Choice) {
  const std::array<double, 5> weights{.1, .2, .3, .25, .15};
  PythonRandom random(7);
  for (const std::size_t answer :
       {2UL, 1UL, 3UL, 0UL, 2UL, 2UL, 0UL, 2UL, 0UL, 2UL, 0UL, 0UL, 2UL, 3UL, 1UL, 1UL, 3UL, 4UL, 2UL, 2UL})
    EXPECT_EQ(random.choice(weights), answer);
}

TEST(PythonRandom, ChoiceNeverTakesAnImpossibleOne) {
  const std::array<double, 3> weights{0.0, 1.0, 0.0};
  PythonRandom random(7);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(random.choice(weights), 1U);
}

TEST(PythonRandom, ChoiceRefusesWhatPythonRefuses) {
  PythonRandom random(7);
  const double infinity = std::numeric_limits<double>::infinity();
  for (const std::vector<double>& weights :
       {std::vector<double>{0.0, 0.0}, {-1.0, 0.5}, {1.0, infinity}, {1.0, std::numeric_limits<double>::quiet_NaN()}})
    EXPECT_THROW(random.choice(weights), Error);
}

}  // namespace
}  // namespace microgpt::python_random_test
