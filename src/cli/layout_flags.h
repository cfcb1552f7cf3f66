// SPDX-License-Identifier: MIT
// The flags that say where in a file its documents are, where they are not its lines.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "microgpt/corpus.h"

namespace microgpt {

struct LayoutFlags {
  std::optional<std::string> column;
  std::optional<std::string> delimiter;
  bool header = false;
  std::optional<std::string> separator;
  bool fasta = false;
};

// Adds --column, --delimiter, --header, --separator and --fasta, and returns them.
std::vector<const Flag*> add_layout_flags(Command& command, LayoutFlags& flags);

// What they say; nothing where none is given. Throws UsageError: what does not go together, or may not be.
std::optional<DocumentLayout> layout_of(const LayoutFlags& flags, Encoding encoding);

}  // namespace microgpt
