// SPDX-License-Identifier: MIT
// What all ranks do alike after a message: rank 0 and the workers call the same functions.
#pragma once

#include <cstddef>

#include "distributed/messages.h"
#include "engine/fast/fast_engine.h"
#include "microgpt/batch.h"
#include "optimizer/optimizer.h"
#include "parallel/ranks.h"

namespace microgpt {

// All ranks get the batch of rank 0.
void share_batch(Ranks& ranks, const BatchSizes& sizes, Batch& batch);

// All ranks get the parameters of rank 0, or the moments.
void share_parameters(Ranks& ranks, Engine& engine);
void share_moments(Ranks& ranks, Optimizer& optimizer);

// Each rank takes the step for its slice of the parameters and hands it to the others. An optimizer that does not work on
// slices takes the whole step on each. REQUIRES: parameters_changed() of the engine follows.
void step_together(Ranks& ranks, fast::FastEngine& engine, LocalOptimizer& optimizer, const TakeStep& step);

// Rank 0 gets the moments of all slices. REQUIRES: the optimizer works on slices.
void gather_slices(Ranks& ranks, LocalOptimizer& optimizer);

// The threads of all ranks; rank 0 alone gets to know.
std::size_t count_threads(Ranks& ranks, const FastEngineOptions& options);

}  // namespace microgpt
