// SPDX-License-Identifier: MIT
// What is often given in the place of text in UTF-8, known by its first bytes, and what makes text of it.
#pragma once

#include <string>
#include <string_view>

namespace microgpt {

struct ForeignFormat {
  std::string_view beginning;  // where '?' is any byte but NUL, and at first the end of a line
  std::string_view name;       // "compressed by gzip, and no text"
  std::string_view remedy;     // "gunzip -c FILE unpacks it"
};

// A compressed file, a text in UTF-16 or UTF-32, with a byte order mark or four characters of ASCII; or what git-lfs leaves in
// the place of a file that it has not fetched. Null where it is none of these.
const ForeignFormat* find_foreign_format(std::string_view text);

// Whether more bytes could make it one.
bool may_be_foreign(std::string_view text);

// Throws Error that says what it is, where it is one. `name` stands for the text.
void require_no_foreign_format(const std::string& name, std::string_view text);

// The same for files that need not be text: throws where it is what git-lfs has left.
void require_no_git_lfs_pointer(const std::string& name, std::string_view bytes);

}  // namespace microgpt
