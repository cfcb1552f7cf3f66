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
std::size_t most_positions(const TokenizedDocuments& documents, const EpochsOptions& options) {
  const std::size_t longest = options.batch_size * std::min(options.block_size, documents.longest());
  const std::size_t epochs = options.batch_size / documents.size() + 2;
  return std::min(longest, epochs * documents.all_positions());
}

}  // namespace

Epochs::Epochs(TokenizedDocuments documents, const EpochsOptions& options)
    : documents_(std::move(documents)),
      options_(options),
      most_positions_(most_positions(documents_, options_)),
      order_(documents_.size(), documents_.size()) {
  assert(documents_.size() > 0 && options_.batch_size > 0 && options_.block_size > 0);
}

void Epochs::fill(std::size_t step, Batch& batch, const SoftTargets* soft_targets) {
  // For the longest batch there can be, so that a later step finds enough.
  batch.inputs.reserve(batch.positions() + most_positions_);
  batch.targets.reserve(batch.positions() + most_positions_);
  batch.offsets.reserve(batch.offsets.size() + options_.batch_size);
  if (soft_targets != nullptr)
    batch.soft_targets.reserve(batch.soft_targets.size() + most_positions_ * soft_targets->vocab_size());
  const std::size_t begin = step * options_.batch_size;
  for (std::size_t place = begin; place < begin + options_.batch_size; ++place) {
    shuffle_for(place / documents_.size());
    const std::size_t document = order_[place % documents_.size()];
    documents_.append(document, options_.block_size, batch);
    if (soft_targets != nullptr) soft_targets->append(document, batch);
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
