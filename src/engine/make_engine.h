// SPDX-License-Identifier: MIT
// The engines by name.
#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "engine/engine.h"
#include "text/names.h"

namespace microgpt {

enum class EngineKind {
  fast,
  exact,
  graph,
};

inline constexpr std::array<Named<EngineKind>, 3> kEngineNames{{
    {EngineKind::fast, kFastEngineName},
    {EngineKind::exact, kExactEngineName},
    {EngineKind::graph, kGraphEngineName},
}};

// Throws ConfigError as the maker of that engine does. `fast` is for the fast engine; its target is also the exact engine's.
std::unique_ptr<Engine> make_engine(EngineKind kind, const Config& config, const FastEngineOptions& fast = {});

}  // namespace microgpt
