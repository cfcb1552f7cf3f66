// SPDX-License-Identifier: MIT
// A regular expression, RE2's: matching takes time that is linear in the text, whatever the pattern.
//
// A `.` matches the end of a line, too, as a running text has them. Characters are those of the encoding.
// Threads: any number may match at the same time.
// Source: https://github.com/google/re2/wiki/Syntax
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "microgpt/corpus.h"

namespace microgpt {

class Pattern {
 public:
  // Throws Error with RE2's reason: one line.
  Pattern(const std::string& pattern, Encoding encoding);
  ~Pattern();

  // As it was given.
  const std::string& text() const { return text_; }

  // All of the text, not a part of it.
  bool matches(std::string_view text) const;

  // What the first ( ) finds in the text, or without one all that is found first; nothing where nothing is, or that ( ) has no
  // part in it.
  std::optional<std::string_view> find(std::string_view text) const;

 private:
  struct Compiled;

  std::string text_;
  std::unique_ptr<const Compiled> compiled_;
};

}  // namespace microgpt
