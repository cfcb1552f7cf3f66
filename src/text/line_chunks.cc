// SPDX-License-Identifier: MIT
#include "text/line_chunks.h"

#include <utility>

#include "text/encoded_text.h"

namespace microgpt {

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
