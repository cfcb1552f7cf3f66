// SPDX-License-Identifier: MIT
// The program: all of its commands, and what becomes of its words.
#pragma once

#include <string>
#include <vector>

#include "cli/command_line.h"

namespace microgpt {

Program describe_program();

// Runs the command that the words name. What goes wrong becomes one line on standard error, and the exit code that this
// returns: 0 success, 1 failure, 2 wrong usage, 130 and 143 interrupted.
int run_program(const std::vector<std::string>& words);

}  // namespace microgpt
