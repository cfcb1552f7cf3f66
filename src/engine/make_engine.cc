// SPDX-License-Identifier: MIT
#include "engine/make_engine.h"

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
  return make_graph_engine(config);
}

}  // namespace microgpt
