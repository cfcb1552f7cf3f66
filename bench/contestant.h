// SPDX-License-Identifier: MIT
// Engines that train on a workload, each ready to be timed for a short segment whenever its turn comes.
#pragma once

#include <cstddef>
#include <memory>

#include "bench/workload.h"
#include "engine/engine.h"
#include "training/trainer.h"

namespace microgpt::bench {

// A step is all of it: the batch, forward, backward, Adam and the transposed copies. The workload must outlive it.
class FastContestant {
 public:
  FastContestant(Workload& workload, const FastEngineOptions& options);

  // Mean seconds a step over a whole number of cycles of the batches.
  double measure_seconds_per_step();

 private:
  std::unique_ptr<Engine> engine_;
  Trainer trainer_;
  std::size_t steps_;
};

// The graph engine, a document a step. It is slow: some documents of the first batch stand for all.
class GraphContestant {
 public:
  explicit GraphContestant(const Workload& workload);

  std::size_t positions() const { return positions_; }
  std::size_t documents() const { return documents_; }

  // For all of these documents, one after another.
  double seconds();

 private:
  static constexpr std::size_t kDocuments = 4;

  std::size_t documents_;
  std::size_t positions_ = 0;
  std::unique_ptr<Engine> engine_;
  Trainer trainer_;
};

}  // namespace microgpt::bench
