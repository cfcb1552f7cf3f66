#include "training/trainer.h"

#include <fmt/format.h>

#include <cassert>
#include <cmath>

#include "microgpt/error.h"

namespace microgpt {

Trainer::Trainer(Engine& engine, BatchSource batches, const TrainingOptions& options, Target target)
    : engine_(engine), batches_(std::move(batches)), options_(options), adam_(options.adam, engine.buffers(), target) {}

void Trainer::resume(std::size_t step) {
  assert(step <= options_.num_steps);
  step_ = step;
  adam_.resume(step);
}

double Trainer::train_step() {
  assert(step_ < options_.num_steps);
  batch_.clear();
  batches_(step_, batch_);
  const double loss = engine_.loss_and_gradient(batch_);
  if (!std::isfinite(loss))
    throw Error(fmt::format("the loss of step {} is {}: training stops; a smaller learning rate may help", step_ + 1,
                            std::isnan(loss) ? "not a number" : "infinite"));
  const double rate = warmed_up_rate(options_.schedule, options_.learning_rate, options_.warmup, step_, options_.num_steps);
  adam_.step(engine_.buffers(), rate);
  engine_.parameters_changed();
  ++step_;
  return loss;
}

}  // namespace microgpt
