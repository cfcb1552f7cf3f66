// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <vector>

#include "ngram/ngram_counts.h"

namespace microgpt::discounts_test {
namespace {

// So many n-grams that were counted once, twice, three and four times, and one that was counted five times.
Discounts discounts(std::size_t n1, std::size_t n2, std::size_t n3, std::size_t n4) {
  std::vector<std::uint32_t> counts{5, 0};
  counts.insert(counts.end(), n1, 1);
  counts.insert(counts.end(), n2, 2);
  counts.insert(counts.end(), n3, 3);
  counts.insert(counts.end(), n4, 4);
  return Discounts(counts);
}

void expect(const Discounts& discounts, double d1, double d2, double d3) {
  EXPECT_EQ(discounts.of(0), 0.0);
  EXPECT_DOUBLE_EQ(discounts.of(1), d1);
  EXPECT_DOUBLE_EQ(discounts.of(2), d2);
  for (const std::uint32_t count : {3U, 4U, 100U, UINT32_MAX}) EXPECT_DOUBLE_EQ(discounts.of(count), d3);
}

TEST(Discounts, AreThoseOfChenAndGoodman) {
  expect(discounts(8, 4, 2, 1), 0.5, 2.0 - 3.0 * 0.5 * 2.0 / 4.0, 3.0 - 4.0 * 0.5 * 1.0 / 2.0);
  expect(discounts(6, 2, 1, 1), 0.6, 2.0 - 3.0 * 0.6 * 1.0 / 2.0, 3.0 - 4.0 * 0.6 * 1.0 / 1.0);
}

TEST(Discounts, AreHalfOfTheCountWhereTheyAreUndefined) {
  expect(Discounts({}), 0.5, 1.0, 1.5);
  expect(discounts(0, 0, 0, 0), 0.5, 1.0, 1.5);
  expect(discounts(0, 4, 2, 1), 0.5, 1.0, 1.5);
  expect(discounts(8, 0, 2, 1), 0.5, 1.0, 1.5);
  expect(discounts(8, 2, 0, 1), 8.0 / 12.0, 1.0, 1.5);
  expect(discounts(6, 2, 1, 0), 0.6, 2.0 - 3.0 * 0.6 * 1.0 / 2.0, 1.5);
}

TEST(Discounts, AreHalfOfTheCountWhereTheFormulaWithholdsNothing) {
  expect(discounts(8, 4, 8, 1), 0.5, 1.0, 3.0 - 4.0 * 0.5 * 1.0 / 8.0);
  expect(discounts(8, 4, 2, 3), 0.5, 2.0 - 3.0 * 0.5 * 2.0 / 4.0, 1.5);
}

}  // namespace
}  // namespace microgpt::discounts_test
