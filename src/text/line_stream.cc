// SPDX-License-Identifier: MIT
#include "text/line_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "microgpt/error.h"
#include "text/encoded_text.h"
#include "text/foreign_format.h"

namespace microgpt {
namespace {

constexpr std::size_t kSpacesAtATime = 1024;

std::size_t find_line_end(std::string_view text, std::size_t at) {
  const auto begin = text.begin() + static_cast<std::ptrdiff_t>(at);
  return static_cast<std::size_t>(std::find_if(begin, text.end(), [](char c) { return c == '\n' || c == '\r'; }) -
                                  text.begin());
}

}  // namespace

LineStream::LineStream(std::string name, Encoding encoding, InvalidUtf8 invalid, Sink sink, LineSpace space)
    : name_(std::move(name)), encoding_(encoding), invalid_(invalid), sink_(std::move(sink)), space_(space) {}

void LineStream::feed(std::string_view bytes) {
  buffer_.append(bytes);
  consume(false);
}

void LineStream::finish() {
  consume(true);
  if (in_line_) end_line();
}

// Cuts what there is into lines and parts of lines. What is left in the buffer is less than a character.
void LineStream::consume(bool is_last) {
  const std::string_view text = buffer_;
  std::size_t at = mark_size(is_last);
  while (at < text.size() && !at_start_) {
    if (std::exchange(after_return_, false) && text[at] == '\n') {
      ++at;
      continue;
    }
    const std::size_t end = find_line_end(text, at);
    const bool ends = end < text.size();
    in_line_ = true;
    at += take_part(text.substr(at, end - at), offset_ + at, ends || is_last);
    if (!ends) break;
    after_return_ = text[at++] == '\r';
    end_line();
  }
  offset_ += at;
  buffer_.erase(0, at);
}

// Of the byte order mark, where there is one. While there may be one, or what is no text at all, nothing else is looked at.
std::size_t LineStream::mark_size(bool is_last) {
  if (!at_start_) return 0;
  const bool must_be_text = encoding_ == Encoding::utf8 && invalid_ == InvalidUtf8::error;
  const bool may_be_mark = buffer_.size() < kByteOrderMark.size() && kByteOrderMark.starts_with(buffer_);
  if (!is_last && (may_be_mark || (must_be_text && may_be_foreign(buffer_)))) return 0;
  if (must_be_text) require_no_foreign_format(name_, buffer_);
  at_start_ = false;
  return buffer_.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
}

// A part of a line; `is_whole`: it does not end within a character. Returns how many of its bytes are done with.
std::size_t LineStream::take_part(std::string_view part, std::size_t offset, bool is_whole) {
  std::size_t at = 0;
  while (encoding_ == Encoding::utf8) {
    const std::string_view rest = part.substr(at);
    const auto valid = find_invalid_utf8(rest);
    if (!valid) break;
    take_text(rest.substr(0, *valid));
    at += *valid;
    const std::size_t length = invalid_utf8_length(part, at);
    if (!is_whole && at + length == part.size() && begins_character(part.substr(at))) return at;
    take_invalid(part.substr(at, length), offset + at);
    at += length;
  }
  take_text(part.substr(at));
  return part.size();
}

void LineStream::take_invalid(std::string_view part, std::size_t offset) {
  if (invalid_ == InvalidUtf8::error)
    throw Error(
        fmt::format("{}: line {} is not UTF-8 (byte 0x{:02x} at offset {}); convert it to UTF-8, or take --invalid replace "
                    "or skip",
                    name_, lines_ + 1, static_cast<unsigned char>(part.front()), offset));
  ++invalid_count_;
  if (invalid_ == InvalidUtf8::replace) take_text(kReplacementCharacter);
}

void LineStream::take_text(std::string_view text) {
  if (space_ == LineSpace::keep) {
    if (!text.empty()) sink_.take_piece(text);
    return;
  }
  const std::string_view stripped = strip(encoding_, text);
  if (stripped.empty()) {
    if (in_text_) hold_spaces(text);
    return;
  }
  const char* const begin = in_text_ ? text.data() : stripped.data();
  const char* const end = stripped.data() + stripped.size();
  release_spaces();
  in_text_ = true;
  sink_.take_piece({begin, static_cast<std::size_t>(end - begin)});
  hold_spaces({end, static_cast<std::size_t>(text.data() + text.size() - end)});
}

void LineStream::hold_spaces(std::string_view spaces) {
  for_each_character(encoding_, spaces, [this](char32_t space) {
    if (spaces_.size() == kMaxSpaces)
      throw Error(fmt::format("{}: line {} has white space that changes more than {} times in a row, and is no line of text",
                              name_, lines_ + 1, kMaxSpaces));
    if (spaces_.empty() || spaces_.back().space != space) spaces_.push_back({space, 0});
    ++spaces_.back().count;
    return true;
  });
}

void LineStream::release_spaces() {
  for (auto [space, count] : std::exchange(spaces_, {}))
    while (count > 0) {
      const std::size_t now = std::min(count, kSpacesAtATime);
      std::string text;
      for (std::size_t i = 0; i < now; ++i) append_character(encoding_, text, space);
      sink_.take_piece(text);
      count -= now;
    }
}

void LineStream::end_line() {
  spaces_.clear();
  in_line_ = false;
  in_text_ = false;
  ++lines_;
  sink_.end_line();
}

}  // namespace microgpt
