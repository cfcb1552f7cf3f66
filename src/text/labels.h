// SPDX-License-Identifier: MIT
// Files whose lines begin with their class, as fastText has them: "__label__spam win a prize now".
//
// The class is what stands between "__label__" and the first space or tab; the document is what follows. A label that stands
// later in a line is refused, as the line would be of two classes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace microgpt {

// Throws Error where a class cannot have that name: it is empty, no UTF-8, or has control characters. `where` names the place.
void require_class_name(const std::string& where, std::string_view name);

// The classes of a file, each once, in the order of the alphabet. `name` stands for it in messages. Throws Error: a line that
// is not blank has no label, an empty one or two of them.
std::vector<std::string> labels_of(const std::string& name, std::string_view text);

// The file's lines of that class, spaces in place of their labels, and blank ones in place of all others, so that lines keep
// their numbers, and what is in them its place.
std::string lines_of_label(std::string_view text, std::string_view label);

// The file's lines likewise, of all classes; and of each line the number of its label among `labels`, or how many they are for
// a blank line.
struct LabelledLines {
  std::string text;
  std::vector<std::size_t> labels;
};
LabelledLines labelled_lines(std::string_view text, const std::vector<std::string>& labels);

}  // namespace microgpt
