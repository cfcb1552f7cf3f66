// SPDX-License-Identifier: MIT
#include "text/automaton.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace microgpt::automaton_test {
namespace {

using Text = std::vector<std::size_t>;

// All texts of these symbols up to a length.
std::vector<Text> texts(std::size_t symbols, std::size_t length) {
  std::vector<Text> all{{}};
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].size() == length) continue;
    for (std::size_t symbol = 0; symbol < symbols; ++symbol) {
      all.push_back(all[i]);
      all.back().push_back(symbol);
    }
  }
  return all;
}

TEST(Automaton, OfTextsThatContainAPart) {
  for (const Text& part : {Text{1}, Text{0, 0}, Text{0, 1, 0}, Text{0, 1, 0, 0, 1}}) {
    const auto automaton = automaton_of_containing(part, 3);
    ASSERT_TRUE(automaton);
    for (const Text& text : texts(3, 7))
      ASSERT_EQ(automaton->matches(text), std::search(text.begin(), text.end(), part.begin(), part.end()) != text.end());
  }
}

TEST(Automaton, AnIntersectionAcceptsWhatBothDo) {
  const auto a = automaton_of_containing(Text{0, 1}, 3), b = automaton_of_containing(Text{1, 2}, 3),
             c = automaton_of_length(4, 3);
  const auto both = intersection(*a, *b);
  const auto all = intersection(*both, *c);
  for (const Text& text : texts(3, 6)) {
    ASSERT_EQ(both->matches(text), a->matches(text) && b->matches(text));
    ASSERT_EQ(all->matches(text), both->matches(text) && text.size() >= 4);
  }
}

TEST(Automaton, DistancesAreTheFewestSymbolsToAMatch) {
  const auto automaton = automaton_of_containing(Text{0, 1, 0}, 2);
  EXPECT_EQ(automaton->distances(), (std::vector<std::uint32_t>{3, 2, 1, 0}));
  const Automaton none(std::vector<std::uint32_t>{0}, 1, {0}, {false});
  EXPECT_EQ(none.distances(), std::vector<std::uint32_t>{Automaton::kNone});
}

TEST(Automaton, OneThatIsTooLargeIsNone) {
  EXPECT_FALSE(automaton_of_length(Automaton::kMaxStates, 2));
  const auto a = automaton_of_length(3000, 2), b = automaton_of_containing(Text(3000, 1), 2);
  EXPECT_FALSE(intersection(*a, *b));
}

}  // namespace
}  // namespace microgpt::automaton_test
