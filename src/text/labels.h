// SPDX-License-Identifier: MIT
// Files whose lines begin with their class, as fastText has them: "__label__spam win a prize now".
//
// The class is what stands between "__label__" and the first space or tab; the document is what follows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace microgpt {

// The classes of a file, each once, in the order of the alphabet. `name` stands for it in messages. Throws Error: a line that
// is not blank has no label, an empty one or two of them.
std::vector<std::string> labels_of(const std::string& name, std::string_view text);

// The file's lines of that class without their labels, and blank ones in place of all others, so that lines keep their numbers.
std::string lines_of_label(std::string_view text, std::string_view label);

}  // namespace microgpt
