// SPDX-License-Identifier: MIT
// The discounts of modified Kneser-Ney smoothing, from counts of counts.
//
// Of what was counted once, twice, and three times or more a constant D1, D2, D3+ is withheld. With n1 to n4 the numbers of
// n-grams that were counted 1 to 4 times, and Y = n1 / (n1 + 2 n2),
//     D1 = 1 - 2 Y n2 / n1,   D2 = 2 - 3 Y n3 / n2,   D3+ = 3 - 4 Y n4 / n3.
// Source: Chen and Goodman, "An empirical study of smoothing techniques for language modeling", 1999, section 2.8.
//
// Few n-grams, or many tokens among few different ones, have counts of counts for which this is undefined or withholds nothing.
// A discount is taken from the formula only if each n in it is positive and it is above 0 itself; otherwise it is k / 2, where
// k is the smallest count it is taken from. So something of every context is always left for the shorter one, and no discount
// is more than the count.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace microgpt {

class Discounts {
 public:
  // From the counts of all n-grams of one length; those that are 0 do not matter.
  explicit Discounts(std::span<const std::uint32_t> counts);

  // 0 for a count of 0.
  double of(std::uint32_t count) const { return discounts_[count < kMax ? count : kMax]; }

 private:
  static constexpr std::uint32_t kMax = 3;

  std::array<double, kMax + 1> discounts_{};
};

}  // namespace microgpt
