// SPDX-License-Identifier: MIT
// A flag or a subcommand that there is not, and which one was perhaps meant.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace microgpt {

// What to try in place of `word`: the name that other programs' users know as that, one that begins with it, or one that is
// spelled nearly so. `names` are those that there are.
std::optional<std::string> suggest(std::string_view word, const std::vector<std::string>& names);

}  // namespace microgpt
