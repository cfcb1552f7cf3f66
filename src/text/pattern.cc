// SPDX-License-Identifier: MIT
#include "text/pattern.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "microgpt/error.h"

namespace microgpt {
namespace {

re2::RE2::Options options_for(Encoding encoding) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);
  options.set_encoding(encoding == Encoding::utf8 ? re2::RE2::Options::EncodingUTF8 : re2::RE2::Options::EncodingLatin1);
  return options;
}

// The reason quotes a part of the pattern, which may have anything in it.
std::string on_one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, '?');
  return text;
}

}  // namespace

struct Pattern::Compiled {
  re2::RE2 expression;
};

Pattern::Pattern(const std::string& pattern, Encoding encoding)
    : text_(pattern), compiled_(new Compiled{{pattern, options_for(encoding)}}) {
  const re2::RE2& expression = compiled_->expression;
  if (!expression.ok())
    throw Error(fmt::format("this is not a regular expression that RE2 accepts: {}", on_one_line(expression.error())));
}

Pattern::~Pattern() = default;

std::optional<std::string_view> Pattern::find(std::string_view text) const {
  // A group that has no part in what is found has no address, and an empty text must have one to differ.
  const re2::StringPiece all(text.empty() ? "" : text.data(), text.size());
  std::array<re2::StringPiece, 2> found;
  const re2::RE2& expression = compiled_->expression;
  const int count = std::min(1, expression.NumberOfCapturingGroups()) + 1;
  if (!expression.Match(all, 0, text.size(), re2::RE2::UNANCHORED, found.data(), count)) return std::nullopt;
  const re2::StringPiece& group = found[static_cast<std::size_t>(count - 1)];
  if (group.data() == nullptr) return std::nullopt;
  return text.substr(static_cast<std::size_t>(group.data() - all.data()), group.size());
}

bool Pattern::matches(std::string_view text) const {
  return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), compiled_->expression);
}

}  // namespace microgpt
