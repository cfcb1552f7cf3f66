// SPDX-License-Identifier: MIT
// Without the graph engine, whose bits the exact one has, so that pages load sooner.
#include "engine/make_engine.h"
#include "microgpt/config.h"

namespace microgpt {

std::unique_ptr<Engine> make_engine(EngineKind kind, const Config& config, const FastEngineOptions& fast) {
  switch (kind) {
    case EngineKind::fast:
      return make_fast_engine(config, fast);
    case EngineKind::exact:
      return make_exact_engine(config, fast.target);
    case EngineKind::graph:
      break;
  }
  throw ConfigError("engine", "graph is for the program microgpt; exact has the same bits");
}

}  // namespace microgpt
