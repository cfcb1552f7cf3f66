// SPDX-License-Identifier: MIT
#include "text/line_chunks.h"

#include <algorithm>
#include <utility>

#include "text/encoded_text.h"

namespace microgpt {
namespace {

constexpr std::size_t kMinSpread = 4096;  // bytes of a chunk that are worth a thread

}  // namespace

std::vector<LineChunk> spread_evenly(std::vector<LineChunk> chunks, std::size_t threads) {
  std::size_t bytes = 0, largest = 0;
  for (const LineChunk& chunk : chunks) {
    bytes += chunk.bytes();
    largest = std::max(largest, chunk.bytes());
  }
  // A document that is long alone cannot be spread.
  if (largest > 2 * LineGatherer::kChunkBytes) return chunks;
  threads = std::clamp<std::size_t>(bytes / kMinSpread, 1, threads);
  const std::size_t round = threads * LineGatherer::kChunkBytes;
  const std::size_t wanted =
      threads * std::max<std::size_t>(1, (bytes + round - round / 16) / round);  // chunks may be a bit longer
  const std::size_t size = bytes / wanted + 1;
  const bool is_even = chunks.size() == wanted && largest <= size + size / 8;
  if (threads == 1 || is_even) return chunks;
  std::vector<LineChunk> spread;
  std::size_t before = 0;  // bytes in whole chunks of before
  for (const LineChunk& chunk : chunks)
    for (std::size_t line = 0; line < chunk.size(); ++line) {
      const std::size_t in_last = spread.empty() ? 0 : spread.back().bytes();
      if (spread.empty() || before + in_last >= spread.size() * size) {
        before += in_last;
        spread.emplace_back(chunk.number(line));
      }
      spread.back().add_from(chunk, line);
    }
  return spread;
}

void LineGatherer::take_piece(std::string_view piece) {
  line_.append(piece);
  if (!is_long_ && line_.size() > kMaxLineLength) {
    flush();
    is_long_ = true;
  }
  if (is_long_ && line_.size() >= kChunkBytes) hand_over(line_.size() - unfinished_utf8(line_));
}

void LineGatherer::end_line() {
  ++lines_;
  if (std::exchange(is_long_, false)) {
    hand_over(line_.size());
    chunk_ = LineChunk(lines_);
    return sink_.end_line();
  }
  chunk_.add(line_);
  line_.clear();
  if (chunk_.bytes() >= kChunkBytes) flush();
}

void LineGatherer::take_document(const StreamedDocument& document) {
  chunk_.add(document.text, document.line, document.record);
  if (chunk_.bytes() >= kChunkBytes) flush();
}

void LineGatherer::flush() {
  if (chunk_.size() > 0) sink_.take_chunk(std::exchange(chunk_, LineChunk(lines_)));
}

void LineGatherer::hand_over(std::size_t bytes) {
  if (bytes > 0) sink_.take_piece(std::string_view(line_).substr(0, bytes));
  line_.erase(0, bytes);
}

}  // namespace microgpt
