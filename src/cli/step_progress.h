// SPDX-License-Identifier: MIT
// How far the steps of a training run are: a clock and a progress bar.
//
// A step may take 20 microseconds or a minute. So that the quick ones stay quick, the clock is read every few steps only, and
// the bar drawn at most twenty times a second.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "cli/interruption.h"
#include "cli/terminal.h"
#include "microgpt/score.h"
#include "training/training_run.h"

namespace microgpt {

class StepProgress {
 public:
  // Both must outlive this.
  StepProgress(const TrainingRun& run, const Interruption& interruption, std::string label, bool show_bar);

  // Around a stretch of steps; take_step() after each of them, with its loss. That throws as Interruption::check().
  void begin();
  void take_step(double loss);
  void end();

  // Spent between begin() and end(), and nowhere else.
  double seconds() const { return seconds_; }

  // Those taken; a run that was resumed has more behind it.
  std::size_t steps() const { return steps_; }

  // Makes space for lines; the next steps bring the bar back.
  void wipe_bar() { bar_.wipe(); }

 private:
  using Clock = std::chrono::steady_clock;

  void look();
  void draw(double seconds);

  const TrainingRun& run_;
  const Interruption& interruption_;
  ProgressBar bar_;
  double seconds_ = 0.0;
  std::size_t steps_ = 0;
  std::size_t stride_ = 1;  // steps between two looks at the clock
  std::size_t unseen_ = 0;  // steps since the last one
  Clock::time_point begin_{};
  Clock::time_point last_look_{};
  Clock::time_point last_drawing_{};
  double drawn_sum_ = 0.0;  // of the losses since the last drawing
  std::size_t drawn_steps_ = 0;
};

// Draws a bar of so many positions, twenty times a second at most, until the last copy of the watch is gone. It throws as
// Interruption::check(). The interruption must outlive it. REQUIRES: no more positions are scored.
EvaluationWatch show_evaluation(std::string label, std::size_t positions, const Interruption& interruption, bool show_progress);

}  // namespace microgpt
