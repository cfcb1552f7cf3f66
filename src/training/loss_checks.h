// SPDX-License-Identifier: MIT
// Checks of a training's losses: the first one of a fresh model against ln V, and at the end whether training went astray.
//
// A fresh model is close to uniform, so it must be about as surprised as random guessing. Much more says that something is
// wrong before any training has begun.
#pragma once

#include <cstddef>

#include "engine/engine.h"
#include "text/batch.h"

namespace microgpt {

class TrainingRun;

inline constexpr std::size_t kInitialLossDocuments = 64;
inline constexpr double kInitialLossTolerance = 0.15;  // above ln V, as a share of it

struct InitialLoss {
  std::size_t documents;
  std::size_t vocab_size;
  double mean;     // nats
  double uniform;  // ln V

  double excess() const { return mean / uniform - 1.0; }
  bool suspicious() const { return !(excess() <= kInitialLossTolerance); }
};

// REQUIRES: the batch has a document, and better kInitialLossDocuments of them.
InitialLoss check_initial_loss(Engine& engine, const Batch& batch, LossMean mean = LossMean::document);

// Throws Diverged where both hold, as there is no model then:
// - no validation was better than the one before the first step, or nothing is held out;
// - the loss of the first documents of the first epoch, cut as in training, is now no number, or more than twice what random
//   guessing costs; in the first 100 steps, which are Adam's largest, more than 100,000 times that.
// The first alone is seen where there are too few documents to learn from, or too few steps; the second alone where training
// went astray after it had found something.
// REQUIRES: the run is finished, and TrainingRun::load_best_parameters() was not called.
void require_no_divergence(TrainingRun& run);

}  // namespace microgpt
