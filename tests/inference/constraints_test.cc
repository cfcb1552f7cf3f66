// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "inference/sample_search.h"

namespace microgpt::constraints_test {
namespace {

std::shared_ptr<const KnownDocuments> known_lines(std::string text) {
  return std::make_shared<const KnownDocuments>(Corpus::from_lines("test", std::move(text)));
}

TEST(Constraints, WithoutAnyEveryDocumentIsTaken) {
  EXPECT_FALSE(Constraints{}.any());
  EXPECT_TRUE(meets({}, ""));
  EXPECT_TRUE(meets({}, "anna"));
}

TEST(Constraints, EachMustBeMet) {
  const Constraints all{.contains = "nn",
                        .pattern = std::make_shared<const Pattern>("a.*", Encoding::utf8),
                        .known = known_lines("anna\nanne\n")};
  EXPECT_TRUE(all.any());
  EXPECT_TRUE(meets(all, "annabel"));
  EXPECT_FALSE(meets(all, "ana"));
  EXPECT_FALSE(meets(all, "hanna"));
  EXPECT_FALSE(meets(all, "anna"));
}

TEST(Constraints, OneAloneIsOne) {
  EXPECT_TRUE((Constraints{.contains = "a"}.any()));
  EXPECT_TRUE((Constraints{.known = known_lines("a\n")}.any()));
  EXPECT_TRUE((Constraints{.unique = true}.any()));
  EXPECT_TRUE(meets({.unique = true}, "a"));
}

TEST(KnownDocuments, OfLinesAreWholeOnes) {
  const auto known = known_lines(" anna \nbob\nbob\n");
  EXPECT_TRUE(known->have("anna"));
  EXPECT_TRUE(known->have("bob"));
  EXPECT_FALSE(known->have("ann"));
  EXPECT_FALSE(known->have(" anna "));
  EXPECT_FALSE(known->have(""));
}

TEST(KnownDocuments, OfARunningTextAreItsParts) {
  const KnownDocuments known(Corpus::from_text("test", "to be,\nor not"));
  EXPECT_TRUE(known.have("be,\nor"));
  EXPECT_FALSE(known.have("be or"));
}

}  // namespace
}  // namespace microgpt::constraints_test
