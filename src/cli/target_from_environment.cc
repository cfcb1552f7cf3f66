// SPDX-License-Identifier: MIT
#include "cli/target_from_environment.h"

#include <fmt/format.h>

#include <cstdlib>
#include <string_view>

#include "cli/arguments.h"
#include "cli/terminal.h"

namespace microgpt {

Target target_from_environment() {
  const char* name = std::getenv("MICROGPT_TARGET");
  if (name == nullptr || std::string_view(name).empty()) return best_target();
  if (const auto target = find_target(name)) return *target;
  throw UsageError(
      fmt::format("MICROGPT_TARGET={}: not an instruction set of this machine; it has {}", name, available_target_names()));
}

void inform_of_slow_machine() {
  if (best_target() == Target::scalar)
    inform("this machine has no AVX2, AVX-512 or NEON; plain C++ computes the same bits, many times more slowly");
}

}  // namespace microgpt
