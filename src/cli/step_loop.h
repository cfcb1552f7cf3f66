// SPDX-License-Identifier: MIT
// The steps of a training run, with a bar before the eyes of who waits for them.
//
// A step may take 20 microseconds or a minute. So that the quick ones stay quick, the clock is read every few steps only, and
// the bar drawn at most twenty times a second.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

#include "cli/interruption.h"
#include "cli/terminal.h"
#include "training/training_run.h"

namespace microgpt {

class StepLoop {
 public:
  // Both must outlive the loop.
  StepLoop(TrainingRun& run, const Interruption& interruption, std::string label, bool show_progress);

  // Trains until `end` steps are done, and calls take(step, loss) for each: its number from 0 on, and the loss of its batch
  // before it was taken. Throws as Trainer::train_step() and Interruption::check(), always after a whole step.
  void train_until(std::size_t end, const std::function<void(std::size_t step, double loss)>& take);

  // Spent in train_until(), and nowhere else.
  double seconds() const { return seconds_; }

  // That it has trained; a run that was resumed has more behind it.
  std::size_t steps() const { return steps_; }

  // Makes room for lines; the next steps bring the bar back.
  void wipe_bar() { bar_.wipe(); }

 private:
  using Clock = std::chrono::steady_clock;

  void look(Clock::time_point begin);
  void draw(double seconds);

  TrainingRun& run_;
  const Interruption& interruption_;
  ProgressBar bar_;
  double seconds_ = 0.0;
  std::size_t steps_ = 0;
  std::size_t stride_ = 1;  // steps between two looks at the clock
  std::size_t unseen_ = 0;  // steps since the last one
  Clock::time_point last_look_{};
  Clock::time_point last_drawing_{};
  double drawn_sum_ = 0.0;  // of the losses since the last drawing
  std::size_t drawn_steps_ = 0;
};

}  // namespace microgpt
