// SPDX-License-Identifier: MIT
// Data-parallel training: ranks that train one model together. Rank 0 runs the program; the others are workers.
//
// So there is one run, and all decisions are rank 0's: which batch a step takes and at which rate, when to validate, stop and
// save. Before each thing that all ranks do together, rank 0 sends a message (messages.h) with everything that it depends on.
// Workers see no corpus and write nothing. Each rank takes a step for its slice of the parameters, of which it alone has the
// moments, and hands it to the others; an optimizer that does not work on slices has the whole gradient on each rank, which
// takes the whole step. So all ranks have the same parameters, to the bit, whatever the instruction set and the C library of
// their machines.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "engine/engine.h"
#include "microgpt/config.h"
#include "optimizer/optimizer.h"
#include "parallel/ranks.h"

namespace microgpt {

class DataParallelEngine;

class DataParallel {
 public:
  // REQUIRES: this is rank 0; the ranks outlive this.
  explicit DataParallel(Ranks& ranks) : ranks_(ranks) {}

  // Shuts the workers down, unless one is lost.
  ~DataParallel();

  DataParallel(const DataParallel&) = delete;
  DataParallel& operator=(const DataParallel&) = delete;

  // Number of ranks, this one included; their threads when the last engine was made.
  std::size_t size() const { return ranks_.size(); }
  std::size_t threads() const { return threads_; }
  std::size_t on_same_cores() const { return ranks_.on_same_cores(); }
  std::size_t on_same_machine() const { return ranks_.on_same_machine(); }

  // The fast engine of all ranks. Its load(), parameters_changed(), loss_and_gradient() and losses() are done by all, the rest
  // by rank 0. REQUIRES: the last one is not used any more; this outlives the engine.
  std::unique_ptr<Engine> make_engine(const Config& config, const FastEngineOptions& options);

  // The optimizer of all ranks, for the last engine. REQUIRES: it steps with that engine; where an earlier one is used again,
  // its begin_anew() comes first; the engine outlives it.
  std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& options, Target target);

 private:
  Ranks& ranks_;
  DataParallelEngine* engine_ = nullptr;  // the last one
  std::size_t threads_ = 0;
};

// A worker: does what rank 0's messages (messages.h) say, until it shuts the workers down. `options` says what computes here;
// it is called when rank 0 makes an engine, so that what is wrong on all ranks is said by rank 0 alone. Throws as `options` and
// make_fast_engine(); RankLost.
void run_worker(Ranks& ranks, const std::function<FastEngineOptions()>& options);

}  // namespace microgpt
