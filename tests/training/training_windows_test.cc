// SPDX-License-Identifier: MIT
#include "training/training_windows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "microgpt/corpus.h"
#include "microgpt/tokenizer.h"
#include "scoring/document_scorer.h"

namespace microgpt::training_windows_test {
namespace {

TokenizedDocuments documents_of(const std::vector<std::size_t>& lengths) {
  std::string text;
  for (const std::size_t length : lengths)
    for (std::size_t i = 0; i <= length; ++i) text += i == length ? '\n' : static_cast<char>('a' + (i * i + length) % 5);
  const Corpus corpus = Corpus::from_lines("test", text);
  std::vector<std::size_t> all(corpus.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return {corpus, Tokenizer(corpus), all};
}

TEST(TrainingWindows, AreTheDocumentsWhereTheContextHoldsThem) {
  const TrainingWindows windows(documents_of({3, 1, 5}), 6);
  ASSERT_EQ(windows.size(), 3U);
  EXPECT_EQ(windows.longer_documents(), 0U);
  EXPECT_EQ(windows.longest(), 6U);
  EXPECT_EQ(windows.fed_positions(), 12U);
  Batch batch;
  for (std::size_t i = 0; i < 3; ++i) windows.append(i, batch);
  EXPECT_TRUE(batch.context.empty());
  EXPECT_EQ(batch.offsets, (std::vector<std::size_t>{0, 4, 6, 12}));
}

TEST(TrainingWindows, CountEachPositionOnceAsItIsScored) {
  const std::vector<std::size_t> lengths{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 23};
  for (std::size_t block_size = 1; block_size <= 12; ++block_size) {
    SCOPED_TRACE(block_size);
    const TokenizedDocuments documents = documents_of(lengths);
    const TrainingWindows windows(documents, block_size);

    // What the scorer feeds, and what of it is new, from a model whose losses say nothing.
    const Config config{.vocab_size = 6, .n_embd = 4, .n_head = 1, .block_size = block_size};
    const auto engine = make_graph_engine(config);
    std::vector<std::pair<std::size_t, std::size_t>> scored;  // first new position and how many, in order
    DocumentScorer scorer(*engine, [&](const ScoredPart& part) { scored.emplace_back(part.first, part.targets.size()); });
    for (std::size_t d = 0; d < documents.size(); ++d) {
      std::vector<Token> tokens(documents.positions(d) + 1);
      documents.copy(d, 0, tokens);
      scorer.add(tokens);
    }
    scorer.finish();

    ASSERT_EQ(windows.size(), scored.size());
    std::size_t fed = 0;
    std::size_t counted = 0;
    for (std::size_t i = 0; i < windows.size(); ++i) {
      const TrainingWindows::Location at = windows.location(i);
      EXPECT_EQ(at.window.first_new, scored[i].first);
      EXPECT_EQ(at.counted(), scored[i].second);
      EXPECT_LE(at.fed(), block_size);
      Batch batch;
      windows.append(i, batch);
      EXPECT_EQ(batch.context_of(0), at.context());
      std::vector<Token> tokens(at.fed() + 1);
      documents.copy(at.document, at.window.begin, tokens);
      EXPECT_EQ(batch.inputs, std::vector<Token>(tokens.begin(), tokens.end() - 1));
      EXPECT_EQ(batch.targets, std::vector<Token>(tokens.begin() + 1, tokens.end()));
      fed += at.fed();
      counted += at.counted();
    }
    EXPECT_EQ(fed, windows.fed_positions());
    EXPECT_EQ(counted, windows.counted_positions());
    const auto is_longer = [&](std::size_t length) { return length + 1 > block_size; };
    EXPECT_EQ(windows.longer_documents(), static_cast<std::size_t>(std::count_if(lengths.begin(), lengths.end(), is_longer)));
  }
}

}  // namespace
}  // namespace microgpt::training_windows_test
