// SPDX-License-Identifier: MIT
// The threads of a rank that train, beside the one that talks to the other ranks.
#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <thread>

#include "parallel/signals_blocked.h"
#include "sweep/sweep.h"

namespace microgpt {

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
