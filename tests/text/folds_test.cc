// SPDX-License-Identifier: MIT
#include "text/folds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "microgpt/error.h"

namespace microgpt::folds_test {
namespace {

std::vector<std::size_t> folds_of(const std::vector<std::string>& documents, std::size_t count,
                                  const Pattern* group = nullptr) {
  const std::vector<std::string_view> views(documents.begin(), documents.end());
  return fold_of_documents(views, count, 1, group);
}

TEST(Form, NearCopiesHaveOne) {
  EXPECT_EQ(form_of("12:03:59 GET /item/7f3a HTTP"), form_of("08:11:02 GET /item/c01 http"));
  EXPECT_EQ(form_of("panic: index out of range"), form_of("  Panic - index out of range!"));
  EXPECT_NE(form_of("ab c"), form_of("abc"));
  EXPECT_EQ(form_of("x2y z"), " 0 z");
  EXPECT_EQ(form_of("na\xC3\xAFve"), " na\xC3\xAFve");
  EXPECT_EQ(form_of(" - "), "");
}

TEST(Folds, NearCopiesAreInOneFoldAndAllHaveAsMany) {
  std::vector<std::string> documents;
  for (std::size_t i = 0; i < 200; ++i) documents.push_back("name " + std::string(1 + i % 50, static_cast<char>('a' + i % 26)));
  documents.emplace_back("error 17 at line 3");
  documents.emplace_back("ERROR 99 at line 250");
  const std::vector<std::size_t> folds = folds_of(documents, 5);
  EXPECT_EQ(folds[200], folds[201]);
  std::map<std::string, std::size_t> fold_of;
  std::vector<std::size_t> sizes(5);
  for (std::size_t i = 0; i < documents.size(); ++i) {
    ++sizes.at(folds[i]);
    EXPECT_EQ(fold_of.try_emplace(documents[i], folds[i]).first->second, folds[i]) << "equal documents";
  }
  EXPECT_LE(*std::max_element(sizes.begin(), sizes.end()) - *std::min_element(sizes.begin(), sizes.end()), 5U);
  std::vector<std::string> reversed(documents.rbegin(), documents.rend());
  std::vector<std::size_t> again = folds_of(reversed, 5);
  std::reverse(again.begin(), again.end());
  EXPECT_EQ(again, folds) << "of their contents, not of their order";
}

TEST(Folds, DocumentsOfACommonFormAreOnTheirOwn) {
  std::vector<std::string> versions;
  for (int i = 0; i < 100; ++i) versions.push_back(std::to_string(i) + ".1");
  const std::vector<std::size_t> folds = folds_of(versions, 4);
  for (std::size_t fold = 0; fold < 4; ++fold) EXPECT_EQ(std::count(folds.begin(), folds.end(), fold), 25);
}

TEST(Folds, GroupsStayTogether) {
  std::vector<std::string> documents;
  for (int i = 0; i < 60; ++i)
    documents.push_back("user" + std::to_string(i % 6) + " " + std::string(static_cast<std::size_t>(i), 'x'));
  const Pattern group("^(user\\d)", Encoding::utf8);
  const std::vector<std::size_t> folds = folds_of(documents, 3, &group);
  for (std::size_t i = 6; i < documents.size(); ++i) EXPECT_EQ(folds[i], folds[i % 6]);
}

TEST(Folds, MoreThanDifferentDocumentsAreRefused) {
  EXPECT_THROW(folds_of({"a", "a", "b"}, 3), Error);
  EXPECT_NO_THROW(folds_of({"a", "a", "b"}, 2));
}

}  // namespace
}  // namespace microgpt::folds_test
