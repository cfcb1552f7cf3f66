// SPDX-License-Identifier: MIT
// Pages load sooner without the graph engine, and the exact one has its bits.
#include "engine/engine.h"
#include "microgpt/error.h"

namespace microgpt {

std::unique_ptr<Engine> make_graph_engine(const Config&) {
  throw ConfigError("engine", "graph is for the program microgpt; exact has the same bits");
}

}  // namespace microgpt
