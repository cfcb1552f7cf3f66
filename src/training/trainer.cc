// SPDX-License-Identifier: MIT
#include "training/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "optimizer/optimizer.h"

namespace microgpt {

std::size_t TrainingOptions::teacher_steps() const {
  if (num_steps == 0) return 0;
  const double steps = std::round(teacher_part * static_cast<double>(num_steps));
  return std::min(static_cast<std::size_t>(steps), num_steps - 1);
}

Trainer::Trainer(Engine& engine, std::unique_ptr<Optimizer> optimizer, BatchSource batches, const TrainingOptions& options,
                 Target target)
    : engine_(engine), batches_(std::move(batches)), options_(options), target_(target), optimizer_(std::move(optimizer)) {}

Trainer::Trainer(Engine& engine, BatchSource batches, const TrainingOptions& options, Target target)
    : Trainer(engine, std::make_unique<LocalOptimizer>(options.optimizer_options(), engine.config(), engine.buffers(), target),
              std::move(batches), options, target) {}

double Trainer::rate_of(std::size_t step) const {
  const std::size_t teacher_steps = options_.teacher_steps();
  const auto rate = [this](std::size_t phase_step, std::size_t phase_steps) {
    return warmed_up_rate(options_.schedule, options_.learning_rate, options_.warmup, phase_step, phase_steps);
  };
  return step < teacher_steps ? rate(step, teacher_steps) : rate(step - teacher_steps, options_.num_steps - teacher_steps);
}

double Trainer::last_rate() const {
  assert(step_ > 0);
  return rate_of(step_ - 1);
}

void Trainer::begin_anew() {
  assert(step_ == 0 || step_ == options_.teacher_steps());
  optimizer_->begin_anew();
}

void Trainer::resume(std::size_t step) {
  assert(step <= options_.num_steps);
  step_ = step;
  const std::size_t teacher_steps = options_.teacher_steps();
  const std::size_t model_step = step > teacher_steps ? step - teacher_steps : step;
  optimizer_->resume(model_step);
}

Diverged Trainer::diverged(const char* what, std::size_t step, double value) const {
  return Diverged(fmt::format("the {} of step {} is {}: {}", what, step, std::isnan(value) ? "not a number" : "infinite",
                              remedy_for_divergence(options_.clip.has_value())));
}

double Trainer::train_step() {
  assert(step_ < options_.num_steps);
  batch_.clear();
  batches_(step_, batch_);
  const double loss = engine_.loss_and_gradient(batch_, {options_.dropout, options_.dropout_seed, step_}, options_.loss_mean);
  if (!std::isfinite(loss)) throw diverged("loss", step_ + 1, loss);
  const double rate = rate_of(step_);
  gradient_norm_.reset();
  if (options_.clip) gradient_norm_ = finite_gradient_norm(step_ + 1);
  const double factor = options_.clip ? clipping_factor(*gradient_norm_, *options_.clip) : 1.0;
  optimizer_->step(engine_, rate, factor);
  engine_.parameters_changed();
  ++step_;
  return loss;
}

double Trainer::finite_gradient_norm(std::size_t step) {
  const double norm = microgpt::gradient_norm(engine_.buffers(), target_);
  if (!std::isfinite(norm)) throw diverged("gradient", step, norm);
  return norm;
}

double Trainer::gradient_norm() {
  assert(step_ > 0);
  if (!gradient_norm_) gradient_norm_ = finite_gradient_norm(step_);
  return *gradient_norm_;
}

}  // namespace microgpt
