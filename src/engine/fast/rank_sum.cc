// SPDX-License-Identifier: MIT
#include "engine/fast/rank_sum.h"

#include <algorithm>

#include "engine/fast/shards.h"
#include "parallel/slices.h"

namespace microgpt::fast {

RankSubtrees::RankSubtrees(std::size_t shards, const Ranks* ranks)
    : RankSubtrees(shards, ranks == nullptr ? 0 : ranks->rank(), ranks == nullptr ? 1 : ranks->size()) {}

RankSubtrees::RankSubtrees(std::size_t shards, std::size_t rank, std::size_t ranks)
    : all(subtree_count(shards, ranks)), own(share_of(all, rank, ranks)), shards_per_subtree(shards / all) {}

RankShare positions_of_rank(const Batch& batch, std::size_t parameters, std::size_t rank, std::size_t ranks) {
  const std::size_t shards = shard_count(batch.positions(), parameters);
  const RankSubtrees subtrees(shards, rank, ranks);
  const auto position_of = [&](std::size_t subtree) {
    return batch.offsets[shard_begin(batch, subtree * subtrees.shards_per_subtree, shards)];
  };
  return {position_of(subtrees.own.begin), position_of(subtrees.own.end)};
}

void RankSum::add_up(Ranks& ranks, const RankSubtrees& subtrees, std::span<const std::span<float>> sums, std::span<float> total,
                     std::span<double> losses, const AddUp& add_up_slices) {
  const std::size_t own_rank = ranks.rank();
  const auto losses_of = [&](const RankShare& share) {
    return losses.subspan(share.begin * subtrees.shards_per_subtree, share.size() * subtrees.shards_per_subtree);
  };
  while (received_.size() < subtrees.all - subtrees.own.size())
    received_.emplace_back(slice_of(total, own_rank, ranks.size()).size());
  slices_.resize(subtrees.all);
  auto received = received_.begin();
  outgoing_.clear();
  incoming_.clear();
  for (std::size_t rank = 0; rank < ranks.size(); ++rank) {
    const RankShare share = share_of(subtrees.all, rank, ranks.size());
    for (std::size_t i = share.begin; i < share.end; ++i) {
      slices_[i] = rank == own_rank ? slice_of(sums[i - share.begin], own_rank, ranks.size()) : received++->span();
      if (rank != own_rank) incoming_.push_back({rank, std::as_writable_bytes(slices_[i])});
    }
    if (rank == own_rank) continue;
    for (const std::span<float> sum : sums) outgoing_.push_back({rank, std::as_bytes(slice_of(sum, rank, ranks.size()))});
  }
  // Last, so that they come in the same order on both sides.
  for (std::size_t rank = 1; own_rank == 0 && rank < ranks.size(); ++rank)
    incoming_.push_back({rank, std::as_writable_bytes(losses_of(share_of(subtrees.all, rank, ranks.size())))});
  if (own_rank != 0) outgoing_.push_back({0, std::as_bytes(losses_of(subtrees.own))});
  ranks.exchange(outgoing_, incoming_);

  add_up_slices(slices_);
  const std::span<float> slice_of_total = slice_of(total, own_rank, ranks.size());
  if (slice_of_total.data() != slices_[0].data()) std::copy(slices_[0].begin(), slices_[0].end(), slice_of_total.begin());
}

}  // namespace microgpt::fast
