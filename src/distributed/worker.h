// SPDX-License-Identifier: MIT
// A rank other than 0 of data-parallel training.
#pragma once

#include <functional>

#include "microgpt/engine.h"
#include "parallel/ranks.h"

namespace microgpt {

// Does what rank 0's messages (messages.h) say, until it shuts the workers down. `options` says what computes here; it is
// called when rank 0 makes an engine, so that what is wrong on all ranks is said by rank 0 alone. Throws as `options` and
// make_fast_engine(); RankLost.
void run_worker(Ranks& ranks, const std::function<FastEngineOptions()>& options);

}  // namespace microgpt
