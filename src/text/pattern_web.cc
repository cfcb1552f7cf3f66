// SPDX-License-Identifier: MIT
// A web page has no RE2.
#include "microgpt/error.h"
#include "text/pattern.h"

namespace microgpt {

struct Pattern::Compiled {};

Pattern::Pattern(const std::string&, Encoding) {
  throw Error("regular expressions are for the program microgpt, and not for web pages");
}

Pattern::~Pattern() = default;

std::optional<std::string_view> Pattern::find(std::string_view) const { return std::nullopt; }

bool Pattern::matches(std::string_view) const { return false; }

}  // namespace microgpt
