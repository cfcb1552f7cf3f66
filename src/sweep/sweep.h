// SPDX-License-Identifier: MIT
// A sweep: many trainings, each by a thread of its own, as many at a time as there are threads.
//
// A configuration's model is that of `train` with the same settings, bit for bit, whoever trains it and beside whatever else.
//
// Who hands out the configurations and takes their results is a SweepWork: the threads of a process ask it, and need to know
// nothing of the others.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "microgpt/corpus.h"
#include "microgpt/score.h"
#include "simd/target.h"
#include "sweep/sweep_result.h"
#include "training/setting_values.h"
#include "training/training_run.h"

namespace microgpt {

// What each training needs. Any number of threads may train at once.
class SweepTrainer {
 public:
  // The corpus must outlive it. Throws ConfigError, which says also of which configuration it is: what TrainingRun refuses;
  // nothing is held out, so that there is nothing to compare by. Throws Error: as split_corpus().
  SweepTrainer(const Corpus& corpus, std::vector<RunSettings> configurations, Target target);

  const std::vector<RunSettings>& configurations() const { return configurations_; }
  std::size_t parameter_count(std::size_t configuration) const { return parameter_counts_[configuration]; }

  // Throws Error where the configurations that take most memory, so many of them side by side in each of so many processes on
  // this machine, take more than there is.
  void require_memory(std::size_t threads, std::size_t processes) const;

  // How much work a configuration is, in a unit of its own.
  double work(std::size_t configuration) const;

  // What is trained on is the same with equal ones: the seed, of which a running text needs none, and the share held out.
  using SplitKey = std::pair<std::uint64_t, double>;
  SplitKey split(std::size_t configuration) const { return split_of(configurations_[configuration].options); }

  // Trains it and measures; calls after_step() after each step, and the watch in what else takes time, and passes on what they
  // throw. What goes wrong with the training itself is a result.
  SweepResult train(std::size_t configuration, const std::function<void()>& after_step, const EvaluationWatch& watch = {});

 private:
  // Of all configurations with one split, which have the same baseline. The first that asks for it computes it.
  struct SharedBaseline {
    std::once_flag once;
    BaselineLosses losses;
  };
  SplitKey split_of(const TrainSettings& options) const;
  std::shared_ptr<const TrainingRun::PreparedCorpus> prepared(const TrainSettings& options);
  void require_trainable(std::size_t configuration);
  const BaselineLosses& baseline(const TrainSettings& options);

  const Corpus& corpus_;
  std::vector<RunSettings> configurations_;
  const RunInputs inputs_;
  std::size_t vocab_size_;
  std::vector<std::size_t> parameter_counts_;
  std::map<SplitKey, SharedBaseline> baselines_;

  // The corpus in the split that was asked for last, as those of all splits may not fit into memory.
  std::mutex prepared_mutex_;
  std::optional<SplitKey> prepared_split_;
  std::shared_ptr<const TrainingRun::PreparedCorpus> prepared_;
};

// All functions are called by several threads at once.
class SweepWork {
 public:
  virtual ~SweepWork() = default;

  // The next configuration to be trained, which nobody else is given; nothing where there is none left.
  virtual std::optional<std::size_t> next() = 0;

  // A step of its training is done. May throw, which ends the sweep.
  virtual void step_done(std::size_t configuration) = 0;

  // Is called now and then between steps. May throw as step_done().
  virtual void check() {}

  // It is trained. May throw, which ends the sweep.
  virtual void take(const NumberedResult& result) = 0;
};

// Trains on `threads` threads, the caller's among them, until there is no work. Throws what `work` and SweepTrainer::train()
// throw: the other threads then stop after their next step, and leave what they were at. REQUIRES: 1 <= threads <=
// ThreadTeam::kMaxThreads.
void run_sweep(SweepTrainer& trainer, SweepWork& work, std::size_t threads);

// The same for who has more to do: whoever sets `stop` lets all threads stop after their next step, and it is set as soon as
// one of them throws.
void run_sweep(SweepTrainer& trainer, SweepWork& work, std::size_t threads, std::atomic<bool>& stop);

// These configurations, the ones with the most work first: so none of them is left to the end, when other threads have
// nothing to do. Of equal work those of one split follow each other, as they have the corpus in common.
std::vector<std::size_t> longest_first(const SweepTrainer& trainer, std::vector<std::size_t> configurations);

}  // namespace microgpt
