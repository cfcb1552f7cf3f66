// SPDX-License-Identifier: MIT
// Where the threads of a sweep get their configurations and hand in the results: each is written to the folder at once, and a
// bar says how far they all are.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <vector>

#include "cli/interruption.h"
#include "cli/terminal.h"
#include "sweep/sweep.h"
#include "sweep/sweep_folder.h"

namespace microgpt {

class SweepQueue : public SweepWork {
 public:
  // `finished` are the results that are in the folder already. All must outlive the queue.
  SweepQueue(const SweepTrainer& trainer, SweepFolder& folder, std::vector<NumberedResult> finished,
             const Interruption& interruption, bool quiet);

  // Of all configurations that are finished, in no order. REQUIRES: no thread is at work.
  const std::vector<NumberedResult>& results() const { return results_; }
  std::size_t left() const { return queue_.size(); }

  // All throw Interrupted once a signal has come.
  std::optional<std::size_t> next() override;
  void step_done(std::size_t configuration) override;
  void check() override { interruption_.check(); }

  // Throws Error where the folder does not take it.
  void take(const NumberedResult& result) override;

  void wipe_bar() { bar_.wipe(); }

 private:
  using Clock = std::chrono::steady_clock;

  double work_per_step(std::size_t configuration) const;
  void draw();
  void report(const NumberedResult& result);

  const SweepTrainer& trainer_;
  const std::vector<std::string> varying_;
  SweepFolder& folder_;
  const Interruption& interruption_;
  const bool quiet_;
  std::mutex mutex_;  // of all that follows but what is atomic
  std::vector<NumberedResult> results_;
  std::vector<std::size_t> queue_;  // the next one last
  ProgressBar bar_;
  const Clock::time_point begin_ = Clock::now();
  Clock::time_point last_drawing_ = begin_;
  double all_work_ = 0.0;
  std::atomic<double> work_done_ = 0.0;
};

}  // namespace microgpt
