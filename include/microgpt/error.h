// SPDX-License-Identifier: MIT
// Errors of the library.
//
// The library never prints, exits or aborts: what goes wrong is thrown as an Error whose what() is one line that names the
// file or value and the remedy. Programming errors (a broken REQUIRES) are not reported this way; they are asserted.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "microgpt/export.h"

namespace microgpt {

// The text as one line that a terminal shows as it is: control characters of ASCII, line feeds among them, are escaped by a
// backslash, as in C.
MICROGPT_API std::string one_line(std::string_view text);

class MICROGPT_API Error : public std::runtime_error {
 public:
  // Of what the message names, such as a file, any character may come from outside; what() is one_line() of it.
  explicit Error(std::string_view message) : std::runtime_error(one_line(message)) {}
};

// A value that the caller chose lies outside its range. `field` is the name of the setting as in `Config`, e.g. "n_embd";
// `problem` reads on from it, e.g. "17 is not a multiple of n_head 4".
class MICROGPT_API ConfigError : public Error {
 public:
  ConfigError(std::string field, std::string problem)
      : Error(field + " " + problem), field_(std::move(field)), problem_(std::move(problem)) {}

  const std::string& field() const { return field_; }
  const std::string& problem() const { return problem_; }

 private:
  std::string field_;
  std::string problem_;
};

}  // namespace microgpt
