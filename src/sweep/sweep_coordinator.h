// SPDX-License-Identifier: MIT
// A sweep on several ranks: rank 0 runs the program and hands out the configurations, and each rank trains some of them.
//
// The others see no files: they are sent the corpus and the configurations once. From then on all ranks meet a hundred times a
// second, while their threads train: each of the others hands in its results and says how many configurations its threads have
// need of, and rank 0 answers with them. A configuration is trained by one rank from its first step to its last, so its result
// is that of a sweep without ranks. Where the C libraries of two machines round differently that would not be so, and the sweep
// is refused.
//
// Threads: all functions are called by one, which alone uses the ranks.
#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <thread>

#include "microgpt/corpus.h"
#include "parallel/ranks.h"
#include "parallel/signals_blocked.h"
#include "simd/target.h"
#include "sweep/sweep.h"

namespace microgpt {

class SweepCoordinator {
 public:
  // REQUIRES: this is rank 0; the ranks outlive this object.
  explicit SweepCoordinator(Ranks& ranks) : ranks_(ranks) {}

  // Shuts the others down, unless they are or one is lost.
  ~SweepCoordinator();

  SweepCoordinator(const SweepCoordinator&) = delete;
  SweepCoordinator& operator=(const SweepCoordinator&) = delete;

  std::size_t size() const { return ranks_.size(); }
  std::size_t on_same_cores() const { return ranks_.on_same_cores(); }
  std::size_t on_same_machine() const { return ranks_.on_same_machine(); }

  // The others get ready to train these configurations. Returns how many threads they have in all. Throws Error: a rank's C
  // library is not that of rank 0. REQUIRES: it has not begun.
  std::size_t begin(const Corpus& corpus, const SweepTrainer& trainer);

  // As run_sweep(), on all ranks; on this one with so many threads. Throws what that throws on any rank: what `work` throws, an
  // Error that says what went wrong on which other rank; RankLost. All ranks then stop after the step they are at.
  // REQUIRES: begin() was called with this trainer; once.
  void run(SweepTrainer& trainer, SweepWork& work, std::size_t threads);

 private:
  enum class Phase { waiting, begun, ended };

  void end();

  Ranks& ranks_;
  Phase phase_ = Phase::waiting;
};

// What another rank trains with.
struct SweepResources {
  std::size_t threads;
  Target target;
  std::size_t processes = 1;  // that train on this machine
};

// What the other ranks do until rank 0 shuts them down. `resources` is asked for once there is a sweep; what it throws, and all
// else that goes wrong here, is told to rank 0. Throws RankLost.
void run_sweep_worker(Ranks& ranks, const std::function<SweepResources()>& resources);

// The threads of a rank that train, beside the one that talks to the other ranks.
class SweepThreads {
 public:
  SweepThreads(SweepTrainer& trainer, SweepWork& work, std::size_t threads) {
    const SignalsBlocked scope;
    thread_ = std::thread([this, &trainer, &work, threads] {
      try {
        run_sweep(trainer, work, threads, stop_);
      } catch (...) {
        error_ = std::current_exception();
      }
      has_ended_ = true;
    });
  }

  ~SweepThreads() { stop(); }

  SweepThreads(const SweepThreads&) = delete;
  SweepThreads& operator=(const SweepThreads&) = delete;

  bool is_stopping() const { return stop_; }
  bool has_ended() const { return has_ended_; }

  // Returns when all have stopped.
  void stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }

  // What one of them threw, or null. REQUIRES: they have stopped or ended.
  const std::exception_ptr& error() const { return error_; }

 private:
  std::atomic<bool> stop_ = false;
  std::atomic<bool> has_ended_ = false;
  std::exception_ptr error_;
  std::thread thread_;
};

}  // namespace microgpt
