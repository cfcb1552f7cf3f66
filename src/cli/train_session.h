// SPDX-License-Identifier: MIT
// One run of `train`, from the first line to the last: it trains, prints, saves, and ends where a signal or a lost rank ends
// it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "cli/corpus_argument.h"
#include "cli/interruption.h"
#include "cli/samples.h"
#include "cli/step_progress.h"
#include "library/run_session.h"
#include "microgpt/score.h"
#include "training/run_folder.h"
#include "training/train_loop.h"
#include "training/train_state.h"
#include "training/training_run.h"

namespace microgpt {

// What a run prints and saves, and when.
struct TrainSessionOptions {
  LoopSchedule schedule;  // a checkpoint is also saved at the end
  SampleSettings samples;
  bool quiet = false;
  bool curve = false;
};

class TrainSession : private TrainObserver {
 public:
  // `folder` may be null: then nothing is saved. All but the state must outlive the session.
  TrainSession(const TrainSessionOptions& options, const LoadedCorpus& corpus, const TrainState& state, const RunInputs& inputs,
               RunFolder* folder);

  // Begins the run. REQUIRES: with a folder the state's options ask for a baseline.
  void begin();

  // Goes on from the folder's checkpoint. Whether there is anything left to do: steps, or the report of a run that was stopped
  // before it had one. REQUIRES: a folder.
  bool resume();

  // Throws Interrupted when what was reached is saved, and Error where a rank is lost. REQUIRES: begin(), or resume() with
  // something left to do; so do the others.
  void train();

  void print_summary();

  // Those that `sample` makes with the same seed and temperature.
  void print_samples(std::size_t count);

  // The last line, as it is what comes next: the folder, or how to save a model.
  void say_where_the_model_is();

 private:
  std::string describe_saved() const;
  void complete();
  void print_curve();
  void describe();
  void tell_how_long();
  void take_initial_loss();
  void on_steps_begin() override { progress_.begin(); }
  void on_steps_end() override { progress_.end(); }
  void on_step(std::size_t step, double loss) override;
  void on_teacher_done() override;
  void on_report(std::size_t step, const std::optional<MeanLoss>& validation) override;
  void on_checkpoint() override { session_.save(); }
  void check() override { interruption_.check(); }
  EvaluationWatch watch_validation() override;
  EvaluationWatch watch_teacher() override;
  void message(const std::string& text) const;

  const TrainSessionOptions& options_;
  Interruption interruption_;
  RunSession session_;
  TrainingRun& run_;
  RunRecords& records_;
  const RunFolder* folder_;
  StepProgress progress_;
};

}  // namespace microgpt
