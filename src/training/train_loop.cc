// SPDX-License-Identifier: MIT
#include "training/train_loop.h"

#include <algorithm>

namespace microgpt {
namespace {

bool is_multiple(std::size_t step, std::size_t every) { return every > 0 && step % every == 0; }

class TrainLoop {
 public:
  TrainLoop(TrainingRun& run, const LoopSchedule& schedule, TrainObserver& observer)
      : run_(run), schedule_(schedule), observer_(observer) {}

  void run() {
    if (step() == 0 || run_.validation_is_due()) report();
    observer_.check();
    while (!run_.is_finished()) {
      if (run_.teacher_is_done()) begin_after_teacher();
      take_steps(next_event());
      if (report_is_due()) report();
      if (checkpoint_is_due()) observer_.on_checkpoint();
      observer_.check();
    }
  }

 private:
  std::size_t step() const { return run_.trainer().step(); }

  std::size_t next_event() const {
    std::size_t next = run_.next_validation();
    for (const std::size_t every : {schedule_.save_every.value_or(0), schedule_.log_every})
      if (every > 0) next = std::min(next, (step() / every + 1) * every);
    return next;
  }

  void take_steps(std::size_t end) {
    observer_.on_steps_begin();
    while (step() < end) {
      const double loss = run_.train_step();
      observer_.on_step(step() - 1, loss);
    }
    observer_.on_steps_end();
  }

  void begin_after_teacher() {
    observer_.on_teacher_done();
    run_.begin_after_teacher(observer_.watch_teacher());
  }

  bool report_is_due() const { return run_.validates_at(step()) || is_multiple(step(), schedule_.log_every); }

  bool checkpoint_is_due() const {
    if (!schedule_.save_every) return run_.validates_at(step());
    const bool ends_teacher = step() == run_.options().training.teacher_steps();
    return *schedule_.save_every > 0 && (ends_teacher || is_multiple(step(), *schedule_.save_every));
  }

  void report() {
    std::optional<MeanLoss> validation;
    if (run_.validation_is_due()) validation = run_.validate(observer_.watch_validation());
    observer_.on_report(step(), validation);
  }

  TrainingRun& run_;
  const LoopSchedule& schedule_;
  TrainObserver& observer_;
};

}  // namespace

void train_to_end(TrainingRun& run, const LoopSchedule& schedule, TrainObserver& observer) {
  TrainLoop(run, schedule, observer).run();
}

}  // namespace microgpt
