// SPDX-License-Identifier: MIT
#include "training/epochs.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <span>
#include <utility>

#include "random/python_random.h"

namespace microgpt {

namespace {

// No batch has more positions: it has no more than so many longest documents, and no more than the epochs it touches.
std::size_t max_positions(const TrainingWindows& windows, std::size_t batch_size) {
  const std::size_t epochs = batch_size / windows.size() + 2;
  return std::min(batch_size * windows.longest(), epochs * windows.fed_positions());
}

}  // namespace

Epochs::Epochs(TokenizedDocuments documents, const EpochsOptions& options)
    : windows_(std::move(documents), options.block_size),
      options_(options),
      max_positions_(max_positions(windows_, options_.batch_size)),
      order_(windows_.size(), windows_.size()) {
  assert(options_.batch_size > 0);
}

void Epochs::fill(std::size_t step, Batch& batch, const SoftTargets* soft_targets) {
  // For the longest batch there can be, so that a later step finds enough.
  batch.inputs.reserve(batch.positions() + max_positions_);
  batch.targets.reserve(batch.positions() + max_positions_);
  batch.offsets.reserve(batch.offsets.size() + options_.batch_size);
  if (windows_.longer_documents() > 0) batch.context.reserve(batch.documents() + options_.batch_size);
  if (soft_targets != nullptr)
    batch.soft_targets.reserve(batch.soft_targets.size() + max_positions_ * soft_targets->vocab_size());
  const std::size_t begin = step * options_.batch_size;
  for (std::size_t index = begin; index < begin + options_.batch_size; ++index) {
    shuffle_for(index / windows_.size());
    const std::size_t window = order_[index % windows_.size()];
    windows_.append(window, batch);
    if (soft_targets != nullptr) soft_targets->append(window, batch);
  }
}

void Epochs::shuffle_for(std::uint64_t epoch) {
  if (epoch_ == epoch) return;
  order_.visit([&](auto& order) {
    std::iota(order.begin(), order.end(), std::size_t{0});
    PythonRandom(options_.seed, epoch).shuffle(std::span(order));
  });
  epoch_ = epoch;
}

}  // namespace microgpt
