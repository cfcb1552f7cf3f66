// SPDX-License-Identifier: MIT
#include "text/line_chunks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "text/encoded_text.h"

namespace microgpt::line_chunks_test {
namespace {

class Gathered {
 public:
  void line(std::string_view text, std::size_t piece = 10'000) {
    for (std::size_t at = 0; at < text.size(); at += piece) gatherer.take_piece(text.substr(at, piece));
    gatherer.end_line();
  }

  std::vector<std::string> lines;
  std::vector<std::size_t> chunk_sizes;  // lines
  std::size_t largest_chunk = 0;         // bytes
  std::vector<std::size_t> piece_sizes;
  LineGatherer gatherer{{[this](LineChunk chunk) {
                           EXPECT_EQ(long_line_, "") << "lines come in their order";
                           chunk_sizes.push_back(chunk.size());
                           largest_chunk = std::max(largest_chunk, chunk.text().size());
                           for (std::size_t i = 0; i < chunk.size(); ++i) lines.emplace_back(chunk[i]);
                         },
                         [this](std::string_view piece) {
                           piece_sizes.push_back(piece.size());
                           EXPECT_FALSE(find_invalid_utf8(piece)) << "whole characters";
                           long_line_ += piece;
                         },
                         [this] { lines.push_back(std::exchange(long_line_, "")); }}};

 private:
  std::string long_line_;
};

TEST(LineGatherer, ChunksAreWholeLinesInOrder) {
  Gathered gathered;
  std::vector<std::string> expected;
  for (std::size_t i = 0; i < 50'000; ++i) expected.emplace_back(i % 11, static_cast<char>('a' + i % 26));
  for (const std::string& line : expected) gathered.line(line, 1 + line.size() % 3);
  EXPECT_LT(gathered.lines.size(), expected.size()) << "the last wait";
  gathered.gatherer.flush();
  EXPECT_EQ(gathered.lines, expected);
  EXPECT_GT(gathered.chunk_sizes.size(), 3U);
  EXPECT_LE(gathered.largest_chunk, LineGatherer::kChunkBytes);
}

TEST(LineGatherer, NothingIsNoChunk) {
  Gathered gathered;
  gathered.gatherer.flush();
  EXPECT_TRUE(gathered.chunk_sizes.empty());
  gathered.line("");
  gathered.gatherer.flush();
  EXPECT_EQ(gathered.lines, std::vector<std::string>{""});
}

TEST(LineGatherer, LongLinesComeInPiecesBetweenTheOthers) {
  Gathered gathered;
  std::string text;
  while (text.size() < 5 * LineGatherer::kMaxLineLength) text += "aé€";
  const std::vector<std::string> expected{"before",
                                          text,
                                          "between",
                                          std::string(LineGatherer::kMaxLineLength, 'x'),
                                          std::string(LineGatherer::kMaxLineLength + 1, 'y'),
                                          "after"};
  for (const std::string& line : expected) gathered.line(line, 1001);  // cuts characters, as bytes may be cut
  gathered.gatherer.flush();
  EXPECT_EQ(gathered.lines, expected);
  EXPECT_GT(gathered.piece_sizes.size(), 60U) << "not held whole";
  EXPECT_LE(*std::max_element(gathered.piece_sizes.begin(), gathered.piece_sizes.end()), LineGatherer::kMaxLineLength + 1001);
}

// What the chunks hold, line by line: its number, itself, and what it is shown as.
using Line = std::tuple<std::size_t, std::string, std::string>;

std::vector<Line> lines_of(const std::vector<LineChunk>& chunks) {
  std::vector<Line> lines;
  for (const LineChunk& chunk : chunks)
    for (std::size_t i = 0; i < chunk.size(); ++i) lines.emplace_back(chunk.number(i), chunk[i], chunk.shown(i));
  return lines;
}

std::vector<std::size_t> bytes_of(const std::vector<LineChunk>& chunks) {
  std::vector<std::size_t> bytes;
  for (const LineChunk& chunk : chunks) bytes.push_back(chunk.bytes());
  return bytes;
}

// Chunks of lines of 9 bytes.
std::vector<LineChunk> chunks_of(const std::vector<std::size_t>& sizes) {
  std::vector<LineChunk> chunks;
  std::size_t line = 7;
  for (const std::size_t size : sizes) {
    chunks.emplace_back(line);
    for (std::size_t i = 0; i < size; ++i) chunks.back().add(std::to_string(10'000'000 + line++));
  }
  return chunks;
}

TEST(SpreadEvenly, GivesEachThreadAsMuch) {
  for (const auto& [sizes, threads, expected] :
       {std::tuple(std::vector<std::size_t>{7000, 7000, 7000, 3000}, std::size_t{2}, std::size_t{4}),
        {{7000}, 2, 2},
        {{7000, 7000, 7000}, 2, 4},
        {{7000, 7000, 7000, 7000, 6000}, 4, 8},
        {{7000, 1}, 3, 3},
        {{2000}, 4, 4},
        {{7000}, 64, 15}}) {
    const std::vector<LineChunk> chunks = chunks_of(sizes);
    const std::vector<LineChunk> spread = spread_evenly(chunks, threads);
    EXPECT_EQ(lines_of(spread), lines_of(chunks));
    ASSERT_EQ(spread.size(), expected);
    const std::vector<std::size_t> bytes = bytes_of(spread);
    EXPECT_LE(*std::max_element(bytes.begin(), bytes.end()), *std::min_element(bytes.begin(), bytes.end()) + 9 * expected);
  }
}

TEST(SpreadEvenly, LeavesWhatIsEvenOrLittle) {
  EXPECT_EQ(bytes_of(spread_evenly(chunks_of({7282, 7282, 7282, 7282}), 2)), bytes_of(chunks_of({7282, 7282, 7282, 7282})));
  EXPECT_EQ(spread_evenly(chunks_of({7000, 100}), 1).size(), 2U);
  EXPECT_EQ(spread_evenly(chunks_of({500}), 2).size(), 1U);
  std::vector<LineChunk> with_long = chunks_of({7000});
  with_long.front().add(std::string(1'000'000, 'x'));
  EXPECT_EQ(spread_evenly(with_long, 2).size(), 1U);
  EXPECT_TRUE(spread_evenly({}, 2).empty());
}

TEST(SpreadEvenly, RecordsStayWithTheirDocuments) {
  std::vector<LineChunk> chunks(2);
  for (std::size_t i = 0; i < 3000; ++i) chunks[i / 2000].add(std::to_string(i), 3 * i, "record " + std::to_string(i));
  const std::vector<LineChunk> spread = spread_evenly(chunks, 3);
  EXPECT_EQ(spread.size(), 3U);
  EXPECT_EQ(lines_of(spread), lines_of(chunks));
}

}  // namespace
}  // namespace microgpt::line_chunks_test
