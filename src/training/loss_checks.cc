// SPDX-License-Identifier: MIT
#include "training/loss_checks.h"

#include <fmt/format.h>

#include "engine/loss.h"
#include "training/training_run.h"

namespace microgpt {
namespace {

// Of what random guessing costs. The first steps of Adam are its largest, and with them a wide model overshoots by far, and
// comes back.
constexpr double kMaxLoss = 2.0;
constexpr double kMaxLossAtFirst = 1e5;
constexpr std::size_t kFirstSteps = 100;

}  // namespace

InitialLoss check_initial_loss(Engine& engine, const Batch& batch, LossMean mean) {
  const std::size_t vocab_size = engine.config().vocab_size;
  return {batch.documents(), vocab_size, mean_loss(engine, batch).of(mean), uniform_loss(vocab_size)};
}

void require_no_divergence(TrainingRun& run) {
  const Progress progress = run.progress();
  if (progress.step == 0 || progress.best_step.value_or(0) > 0) return;
  const TrainingOptions& training = run.options().training;
  const InitialLoss loss = check_initial_loss(run.engine(), run.first_documents(kInitialLossDocuments), training.loss_mean);
  if (loss.mean <= loss.uniform * (progress.step < kFirstSteps ? kMaxLossAtFirst : kMaxLoss)) return;
  throw Diverged(
      fmt::format("after step {} the loss on documents that it was trained on is {:.4g}, where random guessing costs {:.4g}{}: "
                  "{}",
                  progress.step, loss.mean, loss.uniform,
                  progress.best_step ? ", and validation was never better than before the first step" : "",
                  remedy_for_divergence(training.clip.has_value())));
}

}  // namespace microgpt
