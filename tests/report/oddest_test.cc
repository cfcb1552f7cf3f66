// SPDX-License-Identifier: MIT
#include "report/oddest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace microgpt::oddest_test {
namespace {

TEST(Oddest, IsTheBeginningOfAllLinesSorted) {
  std::mt19937 random(1);
  for (const std::size_t count : {0U, 1U, 5U, 100U, 1000U})
    for (const std::size_t most : {1U, 2U, 7U, 100U}) {
      Oddest oddest(most);
      std::vector<RankedLine> all;
      for (std::size_t line = 0; line < count; ++line) {
        all.push_back({static_cast<double>(random() % 50), line, std::to_string(line)});
        oddest.add(all.back());
      }
      std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.number > b.number; });
      const std::vector<RankedLine> taken = oddest.take();
      ASSERT_EQ(taken.size(), std::min(count, most));
      for (std::size_t i = 0; i < taken.size(); ++i) {
        EXPECT_EQ(taken[i].line, all[i].line) << "of equal numbers the first";
        EXPECT_EQ(taken[i].record, all[i].record);
      }
    }
}

}  // namespace
}  // namespace microgpt::oddest_test
