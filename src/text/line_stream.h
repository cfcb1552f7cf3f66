// SPDX-License-Identifier: MIT
// The lines of a stream of bytes as they come: what Corpus makes of the lines of a file, without holding the file or a line.
//
// Lines end at "\n", "\r\n" or "\r"; each is stripped of white space as in a corpus, and a byte order mark at the beginning is
// dropped. Unlike in a corpus, a blank line is a line: an empty one. The end of the last line begins no other.
// Bytes that are no UTF-8 are an error, or become U+FFFD, or nothing, as in a corpus.
// Memory: some bytes more than what is fed at once. White space within a line, which may turn out to be its end, waits as
// pairs of a character and a count, of which there may be kMaxSpaces.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "microgpt/corpus.h"

namespace microgpt {

// What becomes of the white space at the ends of lines.
enum class LineSpace {
  strip,
  keep,
};

class LineStream {
 public:
  // Gets a line in pieces of whole characters, and then that it ends; what a piece points to is valid during the call.
  struct Sink {
    std::function<void(std::string_view)> take_piece;
    std::function<void()> end_line;
  };

  static constexpr std::size_t kMaxSpaces = std::size_t{1} << 20;

  // `name` stands for the stream in error messages.
  LineStream(std::string name, Encoding encoding, InvalidUtf8 invalid, Sink sink, LineSpace space = LineSpace::strip);

  // The next bytes, however they are cut. Throws Error where they are no UTF-8 and must be: with line and offset, or with what
  // they are by the first of them (foreign_format.h); and where white space changes too often.
  void feed(std::string_view bytes);

  // There are no more bytes. Throws as feed().
  void finish();

  // Lines that have ended.
  std::size_t lines() const { return lines_; }

  // Sequences that were replaced or skipped.
  std::size_t invalid() const { return invalid_count_; }

 private:
  struct Run {
    char32_t space;
    std::size_t count;
  };

  void consume(bool is_last);
  std::size_t mark_size(bool is_last);
  std::size_t take_part(std::string_view part, std::size_t offset, bool is_whole);
  void take_invalid(std::string_view part, std::size_t offset);
  void take_text(std::string_view text);
  void hold_spaces(std::string_view spaces);
  void release_spaces();
  void end_line();

  std::string name_;
  Encoding encoding_;
  InvalidUtf8 invalid_;
  Sink sink_;
  LineSpace space_;
  std::string buffer_;         // bytes that wait for others: of a character, or of what the text begins with
  std::size_t offset_ = 0;     // of the buffer in the stream
  bool at_start_ = true;       // where a byte order mark may be
  bool after_return_ = false;  // a "\n" belongs to the end of the last line
  bool in_line_ = false;       // a line has begun
  bool in_text_ = false;       // it has something that is no white space
  std::vector<Run> spaces_;    // after the last of that
  std::size_t lines_ = 0;
  std::size_t invalid_count_ = 0;
};

}  // namespace microgpt
