// SPDX-License-Identifier: MIT
// What the figures were measured on and with.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace microgpt::bench {

struct Machine {
  std::string cpu;                  // the model
  std::size_t cores;                // that this program may use
  std::vector<std::string> caches;  // of one core, e.g. "L1 data 32K"
  std::vector<std::string> targets;
  std::string compiler;
  std::string commit;  // of the sources; empty where there is no git
  bool modified;       // since that commit
  double load;         // of the last minute, before anything was measured
};

Machine this_machine();

}  // namespace microgpt::bench
