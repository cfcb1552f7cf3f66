// SPDX-License-Identifier: MIT
// The training loop: steps, validations, the teacher's end, checkpoints, until a run is finished.
//
// What becomes of them is an observer's: it prints, saves, draws or counts. Any of its functions may throw, which ends the loop
// after a whole step; the run then goes on from its checkpoint() where it stopped.
// Threads: the observer is called by the thread that calls train_to_end().
#pragma once

#include <cstddef>
#include <optional>

#include "engine/loss.h"
#include "scoring/evaluation.h"
#include "training/training_run.h"

namespace microgpt {

class TrainObserver {
 public:
  virtual ~TrainObserver() = default;

  // Around each stretch of steps between which nothing else is done: for clocks and progress bars. A stretch in which a step
  // throws has no end.
  virtual void on_steps_begin() {}
  virtual void on_steps_end() {}

  // After step `step`, counted from 0: the loss of its batch before the parameters moved.
  virtual void on_step([[maybe_unused]] std::size_t step, [[maybe_unused]] double loss) {}

  // The steps of the teacher are done. What it predicts is computed next.
  virtual void on_teacher_done() {}

  // A validation, or a step of which LoopSchedule::log_every wants a line. `validation`: of the present parameters, where it
  // was due.
  virtual void on_report([[maybe_unused]] const std::optional<MeanLoss>& validation) {}

  // A checkpoint is due.
  virtual void on_checkpoint() {}

  // Called after the first report, and after each stretch of steps and what follows it: throws where the caller has cancelled.
  virtual void check() {}

  // Told of the progress of a validation, and of a teacher's predictions.
  virtual EvaluationWatch watch_validation() { return {}; }
  virtual EvaluationWatch watch_teacher() { return {}; }
};

// Steps between events beside the run's own validations.
struct LoopSchedule {
  std::size_t log_every = 0;              // reports; 0: with the validations only
  std::optional<std::size_t> save_every;  // checkpoints; 0: none; nothing: with each validation
};

// Trains until the run is finished. Before the first step, and where a validation is due, it reports. Throws as
// TrainingRun::train_step() and validate(), and what the observer throws.
void train_to_end(TrainingRun& run, const LoopSchedule& schedule, TrainObserver& observer);

}  // namespace microgpt
