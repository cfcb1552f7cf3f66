// SPDX-License-Identifier: MIT
// How the shards of a batch are shared by ranks, and how what these come to becomes one gradient, the same bits as on one rank.
//
// A rank gets subtrees of the tree of shards (shards.h), and adds up each by itself. Of the sums of all of them each rank then
// adds up one slice, in the order of the tree. What it makes of its slice is handed round: a rank sends and receives about two
// gradients, however many ranks there are, where each has one subtree.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "parallel/ranks.h"
#include "simd/aligned_buffer.h"
#include "text/batch.h"

namespace microgpt::fast {

// Of the subtrees into which a tree of so many shards is cut for the ranks, those of one rank; without ranks it is the tree.
struct RankSubtrees {
  std::size_t all;                 // subtrees
  RankShare own;                   // of them
  std::size_t shards_per_subtree;  // shards of each

  RankSubtrees(std::size_t shards, const Ranks* ranks);
  RankSubtrees(std::size_t shards, std::size_t rank, std::size_t ranks);
};

// The positions of the batch of whose documents a rank computes the gradient.
RankShare positions_of_rank(const Batch& batch, std::size_t parameters, std::size_t rank, std::size_t ranks);

class RankSum {
 public:
  // Adds up the slices of all subtrees in the order of the tree; the first one becomes the sum.
  using AddUp = std::function<void(std::span<const std::span<float>> slices)>;

  // sums[i] has the sum of this rank's i-th subtree; afterwards this rank's slice of `total` has the whole sum. `losses` has
  // those of the shards, in this rank's slice; afterwards rank 0 has all. `total` may be sums[0]; the other sums stay as they
  // are.
  void add_up(Ranks& ranks, const RankSubtrees& subtrees, std::span<const std::span<float>> sums, std::span<float> total,
              std::span<double> losses, const AddUp& add_up_slices);

 private:
  std::vector<AlignedBuffer<float>> received_;  // of each other rank's subtrees the slice of this rank
  std::vector<std::span<float>> slices_;        // of all subtrees
  std::vector<OutgoingPiece> outgoing_;
  std::vector<IncomingPiece> incoming_;
};

}  // namespace microgpt::fast
