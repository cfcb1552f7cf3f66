// SPDX-License-Identifier: MIT
// A run of training in memory that is done a slice at a time.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "library/run_session.h"
#include "library/train_options.h"
#include "microgpt/corpus.h"
#include "microgpt/train.h"

namespace microgpt::web {

// What happened in a slice.
struct Slice {
  struct Step {
    std::size_t step;  // that is done, from 1
    double loss;       // of its batch, before the parameters moved
  };
  struct Validation {
    std::size_t step;
    double loss;
  };
  std::vector<Step> steps = {};
  std::vector<Validation> validations = {};
};

class SlicedRun {
 public:
  // All up to the first step. The corpus must outlive the run. Throws as plan_training() and TrainingRun.
  SlicedRun(const Corpus& corpus, const TrainOptions& options) : SlicedRun(corpus, plan_training(corpus, options)) {}

  // Trains for so many steps, or so many milliseconds, whichever is over first, and at least one step; or to the end, where
  // that is nearer. Validations that are due are done. Throws as train_to_end(): after a whole step.
  Slice advance(std::size_t steps, double milliseconds);

  RunSession& session() { return session_; }
  TrainingRun& run() { return session_.run(); }

 private:
  SlicedRun(const Corpus& corpus, const TrainingPlan& plan);

  RunSession session_;
};

}  // namespace microgpt::web
