// SPDX-License-Identifier: MIT
// The commands and their flags as other programs read them: man pages, and what shells complete. From the same table as --help.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "cli/command_line.h"
#include "text/names.h"

namespace microgpt {

enum class ManualFormat {
  man,
  bash,
  zsh,
  fish,
};

inline constexpr std::array<Named<ManualFormat>, 4> kManualFormatNames{{
    {ManualFormat::man, "man"},
    {ManualFormat::bash, "bash"},
    {ManualFormat::zsh, "zsh"},
    {ManualFormat::fish, "fish"},
}};

// The man page of the program, or of the command of that name; for the shells that name must be empty. Throws UsageError where
// there is no such command.
std::string manual(Program& program, ManualFormat format, std::string_view command);

}  // namespace microgpt
