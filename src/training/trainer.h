// SPDX-License-Identifier: MIT
// The training loop: a batch, its loss and gradient, a step of the optimizer; and again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "engine/engine.h"
#include "engine/loss.h"
#include "optimizer/optimizer.h"
#include "optimizer/schedule.h"
#include "text/batch.h"

namespace microgpt {

inline constexpr std::size_t kMaxSteps = 1'000'000'000;  // of a run

struct TrainingOptions {
  std::size_t num_steps = 1000;
  double learning_rate = 0.01;
  Schedule schedule = Schedule::linear;
  OptimizerKind optimizer = OptimizerKind::adam;
  AdamOptions adam = {};
  std::size_t warmup = 0;           // steps over which the rate rises at first
  std::optional<double> clip = {};  // the largest norm that a gradient may have; above 0
  double dropout = 0.0;             // rate, from 0 to below 1
  std::uint64_t dropout_seed = 0;
  double average = 0.0;  // the share of the steps over whose parameters the model is a mean (parameter_average.h)
  LossMean loss_mean = LossMean::document;

  // The share of the steps that trains a teacher, from 0 to below 1, and the share of its predictions in what the model is then
  // trained to predict, from 0 to 1.
  double teacher_part = 0.0;
  double teacher_share = 0.5;

  // The share of the n-gram's predictions in what documents say, from 0 to 1 (ngram_teacher.h).
  double ngram_share = 0.0;

  OptimizerOptions optimizer_options() const { return {optimizer, adam}; }

  // The first steps, which train the teacher; 0 where there is none. At least one is left for the model.
  std::size_t teacher_steps() const;
};

// Fills the (empty) batch of step `step`, counted from 0.
using BatchSource = std::function<void(std::size_t step, Batch& batch)>;

class Trainer {
 public:
  // The engine must outlive the trainer and nobody else may change its parameters. The optimizer is one for that engine;
  // `target` is what clipping computes with.
  Trainer(Engine& engine, std::unique_ptr<Optimizer> optimizer, BatchSource batches, const TrainingOptions& options,
          Target target = best_target());

  // With the optimizer of this process that the options ask for.
  Trainer(Engine& engine, BatchSource batches, const TrainingOptions& options, Target target = best_target());

  // Begins the optimizer anew. REQUIRES: no step is done, or the teacher's and no others.
  void begin_anew();

  // Goes on after `step` steps: the engine's parameters and the optimizer's moments are as they were then.
  // REQUIRES: step <= num_steps().
  void resume(std::size_t step);
  Optimizer& optimizer() { return *optimizer_; }

  // The learning rate of the last step. REQUIRES: a step is done.
  double last_rate() const;

  // How many steps are done, and how many there are.
  std::size_t step() const { return step_; }
  std::size_t num_steps() const { return options_.num_steps; }

  // One step; returns the loss of its batch before the parameters moved.
  // Throws Diverged where the loss is not finite, or with clipping the gradient; the parameters are then those of the step
  // before. REQUIRES: step() < num_steps().
  double train_step();

  // The norm of the last step's gradient before clipping; without clipping it is computed now. Throws Error as train_step().
  // REQUIRES: a step is done, and the engine has computed no other gradient since.
  double gradient_norm();

 private:
  double finite_gradient_norm(std::size_t step);
  Diverged diverged(const char* what, std::size_t step, double value) const;
  double rate_of(std::size_t step) const;

  Engine& engine_;
  BatchSource batches_;
  TrainingOptions options_;
  Target target_;
  std::unique_ptr<Optimizer> optimizer_;
  std::optional<double> gradient_norm_;  // of the last step, where it is known
  Batch batch_;
  std::size_t step_ = 0;
};

}  // namespace microgpt
