// SPDX-License-Identifier: MIT
// The training loop: steps, validations, the teacher's end, checkpoints, until a run is finished.
//
// What becomes of them is an observer's: it prints, saves, draws or counts. Any of its functions may throw, which ends the loop
// after a whole step; the run then goes on from its checkpoint() where it stopped.
// Threads: the observer is called by the thread that calls train_to_end().
#pragma once

#include <cstddef>
#include <optional>

#include "microgpt/score.h"
#include "microgpt/train.h"
#include "training/training_run.h"

namespace microgpt {

// Steps between events beside the run's own validations.
struct LoopSchedule {
  std::size_t log_every = 0;              // reports; 0: with the validations only
  std::optional<std::size_t> save_every;  // checkpoints; 0: none; nothing: with each validation
};

// Trains until the run is finished. Before the first step, and where a validation is due, it reports. Throws as
// TrainingRun::train_step() and validate(), and what the observer throws.
void train_to_end(TrainingRun& run, const LoopSchedule& schedule, TrainObserver& observer);

}  // namespace microgpt
