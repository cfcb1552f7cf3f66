// SPDX-License-Identifier: MIT
// The help of the program and of its commands, as text whose lines fit Program::help_width. Examples alone keep their lines, so
// that they can be copied.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/command_line.h"

namespace microgpt {

enum class HelpDetail {
  usual,
  all,  // with the flags that are rare; of the program also the help of each command
};

// REQUIRES, here and below: the flags of a command are in the groups that help_text.cc lists. For HelpDetail::all each command
// has been described.
std::string help_text(const Program& program, HelpDetail detail);

// REQUIRES: the command has been described.
std::string help_text(const Program& program, const Command& command, HelpDetail detail);

// In the order of --help: where flags may be listed.
std::span<const std::string_view> help_groups();

// "-o, --output DIR"; what it means, and what it does not go with; "[FLAGS] CORPUS".
std::string label_of(const Flag& flag);
std::string meaning_of(const Flag& flag);
std::string usage_of_arguments(const Command& command);

}  // namespace microgpt
