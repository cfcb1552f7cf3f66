// SPDX-License-Identifier: MIT
#include "engine/fast/rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "support/models.h"

namespace microgpt::fast::rows_test {
namespace {

using Tokens = std::vector<Token>;

const Config kConfig{.vocab_size = 6, .block_size = 12};

Batch batch_of(const std::vector<Tokens>& documents) {
  Batch batch;
  for (Tokens inputs : documents) {
    inputs.push_back(0);  // a target for the last one
    batch.append(inputs, inputs.size());
  }
  return batch;
}

Batch random_documents(std::uint64_t seed, std::size_t vocab_size) {
  Config config = kConfig;
  config.vocab_size = vocab_size;
  PythonRandom random(seed);
  Batch batch;
  for (std::size_t d = 1 + random.randbelow(20); d > 0; --d)
    batch.append(testing::random_document(config, 1 + random.randbelow(12), random), config.block_size);
  return batch;
}

Tokens prefix(const Batch& batch, std::size_t d, std::size_t t) {
  const auto inputs = batch.document_inputs(d);
  return {inputs.begin(), inputs.begin() + static_cast<std::ptrdiff_t>(t) + 1};
}

// The prefix that each row stands for, read from row_of_position(); checks that all positions of a row agree on it.
std::map<std::int32_t, Tokens> prefixes_of_rows(const Rows& rows, const Batch& batch, std::size_t begin, std::size_t end) {
  std::map<std::int32_t, Tokens> prefixes;
  auto row = rows.row_of_position().begin();
  for (std::size_t d = begin; d < end; ++d)
    for (std::size_t t = 0; t < batch.document_inputs(d).size(); ++t, ++row) {
      const auto [at, is_new] = prefixes.emplace(*row, prefix(batch, d, t));
      EXPECT_TRUE(is_new || at->second == prefix(batch, d, t)) << "row " << *row << " has two prefixes";
      EXPECT_EQ(rows.tokens()[static_cast<std::size_t>(*row)], batch.document_inputs(d)[t]);
      EXPECT_EQ(rows.positions()[static_cast<std::size_t>(*row)], static_cast<std::int32_t>(t));
    }
  EXPECT_EQ(row, rows.row_of_position().end());
  EXPECT_EQ(prefixes.size(), rows.size()) << "a row that no position has";
  EXPECT_EQ(rows.positions().size(), rows.size());
  return prefixes;
}

// Each row is computed by one document; a document sees its own prefix; what it computes is consecutive.
void expect_documents_to_fit(const Rows& rows, const std::map<std::int32_t, Tokens>& prefixes) {
  std::vector<int> computed(rows.size());
  for (const AttentionDocument& document : rows.documents()) {
    ASSERT_LT(document.first, document.size);
    const Tokens& all = prefixes.at(document.rows[document.size - 1]);
    ASSERT_EQ(all.size(), document.size);
    for (std::size_t t = 0; t < document.size; ++t) {
      const Tokens& seen = prefixes.at(document.rows[t]);
      EXPECT_EQ(seen, Tokens(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(t) + 1));
      if (t >= document.first) ++computed[static_cast<std::size_t>(document.rows[t])];
      if (t > document.first) {
        EXPECT_EQ(document.rows[t], document.rows[t - 1] + 1);
      }
      if (t < document.first) {
        EXPECT_EQ(computed[static_cast<std::size_t>(document.rows[t])], 1) << "seen before it is computed";
      }
    }
  }
  EXPECT_TRUE(std::all_of(computed.begin(), computed.end(), [](int times) { return times == 1; }));
}

std::size_t different_prefixes(const Batch& batch, std::size_t begin, std::size_t end) {
  std::map<Tokens, int> prefixes;
  for (std::size_t d = begin; d < end; ++d)
    for (std::size_t t = 0; t < batch.document_inputs(d).size(); ++t) ++prefixes[prefix(batch, d, t)];
  return prefixes.size();
}

TEST(Rows, EveryPositionHasTheRowOfItsPrefix) {
  Rows rows;  // one for all, as in the engine
  for (std::uint64_t seed = 0; seed < 300; ++seed)
    for (const bool share : {true, false}) {
      SCOPED_TRACE(seed);
      const Batch batch = random_documents(seed, 2 + seed % 30);
      const std::size_t begin = seed % 2 == 0 ? 0 : batch.documents() / 3;
      const std::size_t end = seed % 3 == 0 ? batch.documents() : std::max(begin + 1, batch.documents() * 2 / 3);
      rows.build(batch, begin, end, share);
      expect_documents_to_fit(rows, prefixes_of_rows(rows, batch, begin, end));
      const std::size_t positions = batch.offsets[end] - batch.offsets[begin];
      const std::size_t different = different_prefixes(batch, begin, end);
      const bool pays = share && end - begin > 1 && (positions - different) * 16 >= positions;
      EXPECT_EQ(rows.size(), pays ? different : positions);
      if (!pays) {
        EXPECT_EQ(rows.documents().size(), end - begin);
      }
    }
}

TEST(Rows, MergesEqualPrefixesAndNothingElse) {
  Rows rows;
  // The third document is within the first, the fourth equals the second; 1 2 comes again, but not at the beginning.
  const Batch batch = batch_of({{5, 1, 2}, {5, 1, 3, 1, 2}, {5, 1}, {5, 1, 3, 1, 2}, {1, 2}});
  rows.build(batch, 0, batch.documents(), true);
  EXPECT_EQ((std::vector<std::int32_t>(rows.row_of_position().begin(), rows.row_of_position().end())),
            (std::vector<std::int32_t>{0, 1, 2, 0, 1, 3, 4, 5, 0, 1, 0, 1, 3, 4, 5, 6, 7}));
  ASSERT_EQ(rows.documents().size(), 3U) << "a document that is all known computes nothing";
  EXPECT_EQ(rows.documents()[1].first, 2U);
  EXPECT_EQ(rows.documents()[1].size, 5U);
  EXPECT_EQ(rows.documents()[2].first, 0U);
}

TEST(Rows, ALongCommonBeginningIsOne) {
  Rows rows;
  const Tokens document(2000, 1);
  rows.build(batch_of({document, document}), 0, 2, true);
  EXPECT_EQ(rows.size(), 2000U);
  EXPECT_EQ(rows.documents().size(), 1U);
}

TEST(Rows, SharingIsDecidedByWhatItSaves) {
  Rows rows;
  // One position of 16 is saved, then one of 17.
  rows.build(batch_of({{1, 2, 3, 4, 5, 6, 7, 8}, {1, 3, 4, 5, 6, 7, 8, 9}}), 0, 2, true);
  EXPECT_EQ(rows.size(), 15U);
  rows.build(batch_of({{1, 2, 3, 4, 5, 6, 7, 8}, {1, 3, 4, 5, 6, 7, 8, 9, 10}}), 0, 2, true);
  EXPECT_EQ(rows.size(), 17U);
  rows.build(batch_of({{1, 2, 3, 4, 5, 6, 7, 8}, {1, 3, 4, 5, 6, 7, 8, 9}}), 0, 2, false);
  EXPECT_EQ(rows.size(), 16U);
}

TEST(Rows, OneDocumentHasNothingToShare) {
  Rows rows;
  const Batch batch = batch_of({{1, 1, 1}, {1, 1, 1}, {1, 1, 1}});
  rows.build(batch, 1, 2, true);
  EXPECT_EQ(rows.size(), 3U);
  ASSERT_EQ(rows.documents().size(), 1U);
  EXPECT_EQ(rows.documents()[0].first, 0U);
}

TEST(Rows, NoDocumentsHaveNoRows) {
  Rows rows;
  const Batch batch = batch_of({{1, 2}, {1, 2}});
  rows.build(batch, 0, 2, true);
  rows.build(batch, 1, 1, true);
  EXPECT_EQ(rows.size(), 0U);
  EXPECT_TRUE(rows.documents().empty() && rows.row_of_position().empty());
}

}  // namespace
}  // namespace microgpt::fast::rows_test
