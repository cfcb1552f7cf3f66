// Whether a model can be trained in the memory that there is.
#pragma once

#include "engine/make_engine.h"
#include "microgpt/config.h"

namespace microgpt {

// Throws ConfigError where the numbers that training keeps of each parameter are more than usable_memory(): the parameter, its
// gradient, two moments, with the fast engine a transposed copy, and once, in double precision, the initial value. What else
// there is depends on the documents. The graph engine looks after itself, as its graph is far larger.
void require_training_memory(const Config& config, EngineKind engine);

}  // namespace microgpt
