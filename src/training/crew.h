// SPDX-License-Identifier: MIT
// Ranks that train one model: rank 0 runs the program, and the others do what it tells them.
//
// So there is one run, and all decisions are rank 0's: which batch a step takes and at which rate, when to validate, stop and
// save. Before each thing that all do at the same time, the Crew of rank 0 says what it is; the others serve it. They see no
// corpus and write nothing. What they are told is everything that a step depends on. Each takes it for its slice of the
// parameters, of which it alone has the moments, and hands it round; an optimizer that does not work on slices has all of the
// gradient on each rank, which takes the whole step. So all have the same parameters, to the bit, whatever the instruction set
// and the C library of its machine.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "microgpt/config.h"
#include "microgpt/engine.h"
#include "optimizer/optimizer.h"
#include "parallel/ranks.h"

namespace microgpt {

class FastEngine;

class Crew {
 public:
  // REQUIRES: this is rank 0; the ranks outlive the crew.
  explicit Crew(Ranks& ranks) : ranks_(ranks) {}

  // Sends the others home, unless one is lost.
  ~Crew();

  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  // Of the others and this one: how many there are, and their threads as of the last engine.
  std::size_t size() const { return ranks_.size(); }
  std::size_t threads() const { return threads_; }
  std::size_t on_same_cores() const { return ranks_.on_same_cores(); }
  std::size_t on_same_machine() const { return ranks_.on_same_machine(); }

  // The fast engine of all of them together. Its load(), parameters_changed(), loss_and_gradient() and losses() are done by
  // all, the rest by rank 0. REQUIRES: the last one is not used any more; the crew outlives the engine.
  std::unique_ptr<Engine> make_engine(const Config& config, FastEngineOptions options);

  // The others make optimizers for that engine, like the one of rank 0.
  void begin_optimizer(const OptimizerOptions& options);

  // These go on as after so many steps, with these moments.
  void resume_optimizer(std::size_t steps, Optimizer& optimizer);

  // All take a step with the gradient of the engine. REQUIRES: parameters_changed() of the engine follows.
  void take_step(Optimizer& optimizer, double learning_rate, double gradient_factor);

  // Rank 0 gets the moments of all slices. REQUIRES: the optimizer works on slices.
  void gather_moments(Optimizer& optimizer);

 private:
  Ranks& ranks_;
  Engine* all_ = nullptr;         // the last engine
  FastEngine* engine_ = nullptr;  // its part on this rank
  std::size_t threads_ = 0;
  bool all_took_step_ = false;
};

// What the other ranks do until rank 0 sends them home. `options` says what computes here; it is asked for when rank 0 makes an
// engine, so that what is wrong on all ranks is said by rank 0 alone. Throws as `options` and make_fast_engine().
void serve_crew(Ranks& ranks, const std::function<FastEngineOptions()>& options);

}  // namespace microgpt
