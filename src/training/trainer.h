// The training loop: a batch, its loss and gradient, a step of Adam; and again.
#pragma once

#include <cstddef>
#include <functional>

#include "microgpt/batch.h"
#include "microgpt/engine.h"
#include "optimizer/adam.h"
#include "optimizer/schedule.h"

namespace microgpt {

inline constexpr std::size_t kMostSteps = 1'000'000'000;  // of a run

struct TrainingOptions {
  std::size_t num_steps = 1000;
  double learning_rate = 0.01;
  Schedule schedule = Schedule::linear;
  AdamOptions adam = {};
  std::size_t warmup = 0;  // steps over which the rate rises at first
};

// Fills the (empty) batch of step `step`, counted from 0.
using BatchSource = std::function<void(std::size_t step, Batch& batch)>;

class Trainer {
 public:
  // The engine must outlive the trainer and nobody else may change its parameters.
  // `target` is what the optimizer computes with in single precision.
  Trainer(Engine& engine, BatchSource batches, const TrainingOptions& options, Target target = best_target());

  // Goes on after `step` steps: the engine's parameters and the optimizer's moments are as they were then.
  // REQUIRES: step <= num_steps().
  void resume(std::size_t step);
  Adam& optimizer() { return adam_; }

  // How many steps are done, and how many there are.
  std::size_t step() const { return step_; }
  std::size_t num_steps() const { return options_.num_steps; }

  // One step; returns the loss of its batch before the parameters moved.
  // Throws Error where the loss is not finite; the parameters are then those of the step before.
  // REQUIRES: step() < num_steps().
  double train_step();

 private:
  Engine& engine_;
  BatchSource batches_;
  TrainingOptions options_;
  Adam adam_;
  Batch batch_;
  std::size_t step_ = 0;
};

}  // namespace microgpt
