// SPDX-License-Identifier: MIT
// The flags --svg and --html of commands that draw.
#pragma once

#include <optional>
#include <string>

#include "cli/command_line.h"

namespace microgpt {

// "-" is standard output, instead of what is printed otherwise.
struct PictureFiles {
  std::optional<std::string> svg;
  std::optional<std::string> html;

  bool has_output() const;  // whether one of them is standard output
};

// Adds --svg and --html.
void add_pictures(Command& command, PictureFiles& files);

// Throws UsageError where two would go to one file; `json`: whether JSON goes to standard output, too.
void require_apart(const PictureFiles& files, bool json = false);

// Throws Error where the system does not take it.
void write_picture(const std::string& path, const std::string& picture);

}  // namespace microgpt
