// SPDX-License-Identifier: MIT
// Whether models can be trained in the memory that there is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <tuple>

#include "engine/make_engine.h"
#include "microgpt/config.h"
#include "microgpt/corpus.h"
#include "training/soft_targets.h"
#include "training/training_windows.h"

namespace microgpt {

struct TrainSettings;

// What of this machine trains one model.
struct TeamSizes {
  std::size_t threads = 1;  // of each rank
  std::size_t ranks = 1;
};

// Bytes that training takes at least: with the fast engine fast_training_bytes() of batches of so many positions; with the
// exact one the parameters, their gradient, two moments and initial values, as what else there is depends on the documents.
// Nothing of the graph engine, which looks after itself, as its graph is far larger.
double training_bytes(const Config& config, EngineKind engine, std::size_t positions);

// Of a run: of its batches; what Muon works with on each of its threads; and the mean of the parameters.
double training_bytes(const Config& config, const TrainSettings& options, CorpusKind kind, TeamSizes team);

// Throws ConfigError where that is more than usable_memory().
void require_training_memory(const Config& config, EngineKind engine, std::size_t positions);

// Throws ConfigError where a run takes more than usable_memory(), or with the other ranks of this machine more than
// machine_memory().
void require_training_memory(const Config& config, const TrainSettings& options, CorpusKind kind, TeamSizes team);

// The memory for what a teacher predicts for these windows, which `setting` asks for, taken before the first step of the fast
// engine: then none is missing when the teacher is done, and the model with its batches needs no more. Throws ConfigError where
// it takes too much, as above; std::bad_alloc where it is not given.
SoftTargetMemory take_teacher_memory(const Config& config, const TrainSettings& options, const char* setting,
                                     const TrainingWindows& windows, TeamSizes team);

// What runs on a corpus take at least, before they begin.
class RunMemory {
 public:
  // The corpus must outlive it. With no other ranks.
  RunMemory(const Corpus& corpus, std::size_t vocab_size, std::size_t threads)
      : corpus_(corpus), vocab_size_(vocab_size), threads_(threads) {}

  // In bytes, with what a teacher predicts for the documents that are trained on, if there is one. Throws as config_of().
  double bytes(const TrainSettings& options);

 private:
  struct Windows {
    std::size_t count = 0;
    std::size_t positions = 0;  // that count
  };
  const Windows& windows_of(const TrainSettings& options);

  const Corpus& corpus_;
  std::size_t vocab_size_;
  std::size_t threads_;                                                      // of each run
  std::map<std::tuple<std::uint64_t, double, std::size_t>, Windows> known_;  // by seed, what is held out, and context
};

// Throws Error where trainings that take so many bytes each run side by side in this process, and in others like it, of which
// this machine has `processes` in all, and that is too much together. `what` stands for them in the message, which ends with
// what to do.
void require_memory_together(const std::string& what, std::span<const double> bytes, std::size_t processes,
                             const std::string& remedy);

// How many trainings that take so many bytes each, the largest ones first, run side by side.
std::size_t count_that_fit(std::span<const double> descending, std::size_t processes);

}  // namespace microgpt
