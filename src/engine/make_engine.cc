#include "engine/make_engine.h"

namespace microgpt {

std::unique_ptr<Engine> make_engine(EngineKind kind, const Config& config, const FastEngineOptions& fast) {
  return kind == EngineKind::fast ? make_fast_engine(config, fast) : make_graph_engine(config);
}

}  // namespace microgpt
