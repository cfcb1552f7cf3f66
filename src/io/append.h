// SPDX-License-Identifier: MIT
// Files that only grow, a line at a time.
#pragma once

#include <string>
#include <string_view>

namespace microgpt {

enum class Durability {
  when_convenient,  // the system writes it to the disk when it likes to
  at_once,          // it is on the disk when the call returns
};

// Appends the bytes to the file, which is created where there is none. Throws Error where the system does not take them: some
// may then be there. A file that is to survive a power cut must be there before.
void append(const std::string& path, std::string_view bytes, Durability durability);

}  // namespace microgpt
