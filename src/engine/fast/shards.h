// SPDX-License-Identifier: MIT
// How a batch is cut: into shards, each computed on its own, whose gradients are added along a fixed binary tree.
//
// The number of shards depends on the batch and the model and never on the machine, and so do the bits of the sum.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>

#include "text/batch.h"

namespace microgpt::fast {

inline constexpr std::size_t kMaxShards = 16;
inline constexpr std::size_t kMinShardPositions = 192;

// Models of more parameters than kMaxSmallParameters are large: threads do not take a shard each, which would be a gradient
// and activations for each of them, but compute one shard after another together (stage_team.h). So the activations of one
// shard are all that is kept, and more shards take less memory; yet one that is short spends its time on adding up gradients,
// and of more than 4 these take more memory, as tree_buffers() says, than the activations would.
inline constexpr std::size_t kMaxSmallParameters = std::size_t{1} << 20;
inline constexpr std::size_t kMaxLargeShards = 4;
inline constexpr std::size_t kMinLargeShardPositions = 1024;

constexpr bool is_large(std::size_t parameters) { return parameters > kMaxSmallParameters; }

// A power of two. Of a small model: 1 below 384 positions, at most kMaxShards, at least kMinShardPositions positions each. Of
// a large one: 1 below 2048, 2 below 4096, else kMaxLargeShards.
constexpr std::size_t shard_count(std::size_t positions, std::size_t parameters) {
  const bool large = is_large(parameters);
  const std::size_t least = large ? kMinLargeShardPositions : kMinShardPositions;
  return std::bit_floor(std::clamp<std::size_t>(positions / least, 1, large ? kMaxLargeShards : kMaxShards));
}

// The first document of shard `shard` of `shards`, which end where the next one begins: whole documents, in order, as evenly
// by positions as they allow. A shard may be empty.
inline std::size_t shard_begin(const Batch& batch, std::size_t shard, std::size_t shards) {
  const std::size_t position = batch.positions() * shard / shards;
  const auto found = std::lower_bound(batch.offsets.begin(), batch.offsets.end(), position);
  return shard == shards ? batch.documents() : static_cast<std::size_t>(found - batch.offsets.begin());
}

// Into how many subtrees of the tree the work is cut where there are so many threads: one for each thread, or where their
// number is no power of two about two, so that all of them have something to do for most of the time.
constexpr std::size_t subtree_count(std::size_t shards, std::size_t threads) {
  return std::min(shards, std::has_single_bit(threads) ? threads : 2 * std::bit_ceil(threads));
}

// Where the gradient of a shard goes when the shards of a subtree, counted from 0, are computed in order on one thread. Partial
// sums wait on a stack of buffers, the first of which gets the whole sum: the shard's own gradient is added to those at `first`
// to `last` - 1, the last one first, and the sum goes to `first`.
struct TreeSlot {
  std::size_t first;
  std::size_t last;
};

constexpr TreeSlot tree_slot(std::size_t shard) {
  const auto height = static_cast<std::size_t>(std::popcount(shard));
  const auto complete = static_cast<std::size_t>(std::countr_one(shard));
  return {height - complete, height};
}

// Buffers that the sums of so many shards take. REQUIRES: a power of two.
constexpr std::size_t tree_buffers(std::size_t shards) {
  return std::max<std::size_t>(1, static_cast<std::size_t>(std::countr_zero(shards)));
}

// What is left of the tree when the sums of so many subtrees are known: add(a, b) is to add the sum of b to that of a, and the
// last one makes that of the first the whole sum.
template <typename Add>
constexpr void for_each_pair_of_subtrees(std::size_t subtrees, const Add& add) {
  for (std::size_t step = 1; step < subtrees; step *= 2)
    for (std::size_t subtree = 0; subtree < subtrees; subtree += 2 * step) add(subtree, subtree + step);
}

}  // namespace microgpt::fast
