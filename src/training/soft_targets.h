// SPDX-License-Identifier: MIT
// With what probability each position must predict each token: at first the one that the document says, and then, in the
// proportion `share`, as a teacher predicts it and for the rest as before (knowledge distillation: Hinton, Vinyals and Dean
// 2015).
//
// All of it is computed once and kept, as a model sees each document many times. How much that is is known from the start. The
// exponentials are those of the C library.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "engine/engine.h"
#include "microgpt/config.h"
#include "scoring/evaluation.h"
#include "text/batch.h"
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
  // What the documents say, of each window's positions that count. `memory` is that of these windows, or is taken now.
  // REQUIRES: tokens are below vocab_size.
  SoftTargets(std::size_t vocab_size, const TrainingWindows& windows, SoftTargetMemory memory = {});

  // Takes in what a model predicts with the parameters of now. What the watch throws ends it, and then these are of no use any
  // more. REQUIRES: the windows are those that these are made of, and no longer than the model's context; `share` is from 0 to
  // 1; the vocabulary is the model's.
  void mix_in(Engine& teacher, const TrainingWindows& windows, double share, const EvaluationWatch& watch = {});

  // The same of one position of window i, of those that count, from a distribution over all tokens.
  void mix_in(std::size_t i, std::size_t position, double share, std::span<const double> probabilities);

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
  std::span<float> of(std::size_t i, std::size_t position) {
    return {&probabilities_[(offsets_[i] + position) * vocab_size_], vocab_size_};
  }
  void mix_in_some(Streams& streams, const TrainingWindows& windows, std::size_t first, double share);

  std::size_t vocab_size_;
  std::vector<std::size_t> offsets_;        // of each window's positions that count, and where the last one ends
  std::unique_ptr<float[]> probabilities_;  // [positions][vocab_size]
};

}  // namespace microgpt
