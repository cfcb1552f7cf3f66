// SPDX-License-Identifier: MIT
// A run of training with what it leaves: in a folder, from which it can go on, or in memory alone.
//
// Of a run with a folder: begin() or resume(), the steps, and complete(); save() in between, where a checkpoint is due. A kill
// at any time is made good when it is resumed.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "library/run_records.h"
#include "microgpt/corpus.h"
#include "microgpt/model.h"
#include "microgpt/score.h"
#include "training/checkpoint.h"
#include "training/loss_checks.h"
#include "training/run_folder.h"
#include "training/train_state.h"
#include "training/training_run.h"

namespace microgpt {

class RunSession {
 public:
  // `folder` may be null: then nothing is saved. All but the state must outlive the session. Throws as TrainingRun.
  RunSession(const Corpus& corpus, const TrainState& state, const RunInputs& inputs, RunFolder* folder);

  // Replaces what is in the folder. Throws as RunFolder::begin(). REQUIRES: with a folder the inputs ask for a baseline.
  void begin();

  // Goes on from the folder's checkpoint; the watch is told of the teacher's predictions. Throws Error that names the folder,
  // as RunFolder::read_checkpoint() and TrainingRun::restore(). REQUIRES: a folder.
  void resume(const EvaluationWatch& watch_teacher = {});

  // Whether nothing is left to train or to write. REQUIRES: begin() or resume(); so do the others.
  bool is_complete() const { return saved_ && run_.is_finished() && folder_->has_records(); }

  // Measures the loss before the first step, which the log takes. REQUIRES: no step is done.
  InitialLoss take_initial_loss();

  // A checkpoint of the present step, unless it is the last one that was saved.
  void save();

  // The step of the last checkpoint.
  std::size_t saved_step() const { return saved_ ? saved_->step : 0; }

  // Of a run that is finished: the parameters become the model's, its losses are found out and all records are written. False
  // where a README.md stays as it is no model card. Throws Diverged as RunRecords::require_model(). REQUIRES: no step follows.
  bool complete(const RunRecords::WatchOf& watch_of = {});

  // The model. REQUIRES: complete().
  Model model();

  TrainingRun& run() { return run_; }
  const TrainingRun& run() const { return run_; }
  RunRecords& records() { return records_; }
  const Corpus& corpus() const { return corpus_; }
  const TrainState& state() const { return state_; }
  RunFolder* folder() const { return folder_; }

 private:
  const Corpus& corpus_;
  TrainState state_;
  RunFolder* folder_;
  TrainingRun run_;
  RunRecords records_;
  std::optional<Progress> saved_;
};

}  // namespace microgpt
