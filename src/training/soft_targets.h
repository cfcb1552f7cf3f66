// SPDX-License-Identifier: MIT
// What a teacher makes of documents: with what probability each position shall predict each token, in the proportion `share` as
// the teacher predicts it and for the rest as the document says (knowledge distillation: Hinton, Vinyals and Dean 2015).
//
// All of it is computed once and kept, as a model sees each document many times. How much that is is known from the start. The
// exponentials are those of the C library.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "microgpt/batch.h"
#include "microgpt/config.h"
#include "microgpt/engine.h"
#include "training/evaluation.h"
#include "training/training_windows.h"

namespace microgpt {

// Memory for them, which takes addresses only until it is used.
class SoftTargetMemory {
 public:
  SoftTargetMemory() = default;

  // For so many numbers, and so many bytes besides, which others need when these are computed. Throws std::bad_alloc.
  SoftTargetMemory(std::size_t numbers, std::size_t besides)
      : numbers_(std::make_unique_for_overwrite<float[]>(numbers)),
        besides_(std::make_unique_for_overwrite<std::byte[]>(besides)) {}

  explicit operator bool() const { return numbers_ != nullptr; }

 private:
  friend class SoftTargets;

  std::unique_ptr<float[]> numbers_;
  std::unique_ptr<std::byte[]> besides_;
};

class SoftTargets {
 public:
  // With the engine's parameters of now, of each window's positions that count. What the watch throws ends it. `memory` is that
  // of these windows, or is taken now. REQUIRES: `share` is from 0 to 1; the tokens are those of the engine's vocabulary, and
  // the windows no longer than its context.
  SoftTargets(Engine& teacher, const TrainingWindows& windows, double share, const EvaluationWatch& watch = {},
              SoftTargetMemory memory = {});

  // What those of so many windows take at most, while they are computed, which have so many positions that count in all.
  static double bytes(const Config& config, std::size_t windows, std::size_t positions);
  static double bytes(const Config& config, const TrainingWindows& windows) {
    return bytes(config, windows.size(), windows.counted_positions());
  }

  // Appends those of window i, which was appended to the batch just before, and zeros for its positions that count nothing.
  // REQUIRES: i is one of the windows, and all of the batch have soft targets.
  void append(std::size_t i, Batch& batch) const;

  std::size_t vocab_size() const { return vocab_size_; }

 private:
  void compute(Streams& streams, const TrainingWindows& windows, std::size_t first);

  std::size_t vocab_size_;
  double share_;
  std::vector<std::size_t> offsets_;        // of each window's positions that count, and where the last one ends
  std::unique_ptr<float[]> probabilities_;  // [positions][vocab_size]
};

}  // namespace microgpt
