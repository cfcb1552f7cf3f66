// SPDX-License-Identifier: MIT
// Lines of a stream gathered into chunks that can be worked on one by one; and lines that are too long to be gathered.
//
// Memory: a chunk, or the longest line that is held whole.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "text/document_stream.h"

namespace microgpt {

// Whole lines, end to end.
class LineChunk {
 public:
  explicit LineChunk(std::size_t first_line = 0) : first_line_(first_line) {}

  // The number of a line, from 0, where they are of a stream.
  std::size_t number(std::size_t line) const { return numbers_.empty() ? first_line_ + line : numbers_[line]; }

  std::size_t size() const { return ends_.size(); }
  std::string_view text() const { return text_; }

  // Of all that it holds, each line counted as one longer than it is.
  std::size_t bytes() const { return text_.size() + ends_.size() + record_bytes_; }

  // REQUIRES: line < size().
  std::string_view operator[](std::size_t line) const {
    const std::size_t begin = line == 0 ? 0 : ends_[line - 1];
    return std::string_view(text_).substr(begin, ends_[line] - begin);
  }

  void add(std::string_view line) {
    text_.append(line);
    ends_.push_back(text_.size());
  }

  // What lines are shown as: themselves, or the records that they were fields of.
  std::string_view shown(std::size_t line) const { return records_.empty() ? (*this)[line] : std::string_view(records_[line]); }

  // A document that is no line, from `number` on, and its record, if it has one. REQUIRES: so it is with all, or with none.
  void add(std::string_view document, std::size_t number, std::string_view record) {
    add(document);
    numbers_.push_back(number);
    if (!record.empty()) records_.emplace_back(record);
    record_bytes_ += record.size();
  }

  // What another chunk has there. REQUIRES: as for documents; it is the line that follows where lines have no numbers.
  void add_from(const LineChunk& other, std::size_t line) {
    if (other.numbers_.empty()) return add(other[line]);
    add(other[line], other.number(line), other.records_.empty() ? std::string_view() : other.records_[line]);
  }

 private:
  std::size_t first_line_;
  std::string text_;
  std::vector<std::size_t> ends_;
  std::vector<std::size_t> numbers_;  // where they do not follow one another
  std::vector<std::string> records_;
  std::size_t record_bytes_ = 0;
};

class LineGatherer {
 public:
  // A chunk is handed over as soon as its lines have so many bytes, each counted as one longer than it is.
  static constexpr std::size_t kChunkBytes = 65536;

  // A line of more bytes is handed on in pieces.
  static constexpr std::size_t kMaxLineLength = std::size_t{1} << 20;

  // Gets lines in their order: chunks of whole ones, and in between long ones in pieces of some kChunkBytes. Of a text that is
  // UTF-8 these are whole characters, even where it came as bytes.
  struct Sink {
    std::function<void(LineChunk)> take_chunk;
    std::function<void(std::string_view)> take_piece;
    std::function<void()> end_line;
  };

  explicit LineGatherer(Sink sink) : sink_(std::move(sink)) {}

  // As LineStream gives them.
  void take_piece(std::string_view piece);
  void end_line();

  // A document, as DocumentStream gives it; it is held whole, however long it is.
  void take_document(const StreamedDocument& document);

  // Hands over the whole lines that wait.
  void flush();

 private:
  void hand_over(std::size_t bytes);

  Sink sink_;
  LineChunk chunk_;
  std::size_t lines_ = 0;  // that have ended
  std::string line_;       // the open line, or what waits of it
  bool is_long_ = false;   // it is handed on in pieces
};

// The same lines in chunks that keep so many threads busy for about as long: as many for each, of about
// LineGatherer::kChunkBytes or less. Few lines are for fewer threads, and where one is long all stays as it is. REQUIRES: the
// chunks follow one another.
std::vector<LineChunk> spread_evenly(std::vector<LineChunk> chunks, std::size_t threads);

}  // namespace microgpt
