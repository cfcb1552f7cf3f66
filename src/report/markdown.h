// SPDX-License-Identifier: MIT
// Text that users chose, such as paths, in Markdown and YAML: it stays text, whatever is in it.
//
// Bytes that are not UTF-8 and control characters become U+FFFD, but where the text of a shell is made.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace microgpt {

// On one line, with a backslash before all that Markdown or HTML would understand; also in cells of tables.
std::string markdown_text(std::string_view text);

// A scalar of YAML in double quotes, on one line; JSON but for characters beyond ASCII, which stand for themselves.
std::string yaml_text(std::string_view text);

// The words as a line for a POSIX shell, on one line, printable and in UTF-8: quoted where they need it. A control character or
// a byte that is not UTF-8 is written in the $'...' of bash, ksh and zsh. The same words give the same line.
std::string shell_line(std::span<const std::string> words);

// A line that shell_line() made, with the last part of each path in place of it: what others may read tells nothing of folders.
std::string without_folders(std::string_view shell_line);

}  // namespace microgpt
