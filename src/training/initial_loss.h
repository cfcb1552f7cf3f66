// SPDX-License-Identifier: MIT
// The first loss of a fresh model, checked against ln V.
//
// A fresh model is close to uniform, so it must be about as surprised as random guessing. Much more says that something is
// wrong before any training has begun.
#pragma once

#include <cstddef>

#include "microgpt/batch.h"
#include "microgpt/engine.h"

namespace microgpt {

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

}  // namespace microgpt
