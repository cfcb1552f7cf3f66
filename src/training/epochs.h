// SPDX-License-Identifier: MIT
// Which documents each step of training takes: the next `batch_size` of an endless sequence of epochs. Those that are longer
// than the context are several, as training_windows.h says.
//
// Epoch e is all documents once, in the order that CPython gives to
//     order = list(range(size)); random.Random(seed + (e << 64)).shuffle(order)
// Step s takes the windows s * batch_size up to, not including, (s + 1) * batch_size of epoch 0, epoch 1, ... end to end, so a
// batch may reach into the next epoch, and into several where there are fewer documents than it takes. The documents of a step
// follow from the seed and the step alone, so a run resumes with no more than the number of its step.
//
// Going on from step to step shuffles once an epoch, and allocates nothing after the first step. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "text/batch.h"
#include "text/packed_integers.h"
#include "text/tokenized_documents.h"
#include "training/soft_targets.h"
#include "training/training_windows.h"

namespace microgpt {

struct EpochsOptions {
  std::size_t batch_size = 1;
  std::size_t block_size = 16;  // longer documents are several windows
  std::uint64_t seed = 42;
};

class Epochs {
 public:
  // REQUIRES: there is a document; batch_size and block_size are at least 1.
  Epochs(TokenizedDocuments documents, const EpochsOptions& options);

  const TrainingWindows& windows() const { return windows_; }
  const TokenizedDocuments& documents() const { return windows_.documents(); }

  // Appends the documents of step `step`, counted from 0, with their soft targets where there are any. REQUIRES: (step + 1) *
  // batch_size does not overflow.
  void fill(std::size_t step, Batch& batch, const SoftTargets* soft_targets = nullptr);

 private:
  void shuffle_for(std::uint64_t epoch);

  TrainingWindows windows_;
  EpochsOptions options_;
  std::size_t max_positions_;           // of a batch
  std::optional<std::uint64_t> epoch_;  // whose order is in order_
  PackedIntegers order_;
};

}  // namespace microgpt
