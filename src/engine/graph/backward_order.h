// SPDX-License-Identifier: MIT
// The depth-first order of the GPT's graph, remembered.
//
// Gradients are sums, and a sum's bits depend on the order of its terms: microgpt.py adds them in the reverse of the
// depth-first post-order of the whole graph, so we must too. Searching that order costs more than the rest of a step. But the
// graph is the same for every document, but for its length and its targets, and this is all that they change:
//
// - The order is that of position 0, then 1, and so on, each with the nodes that the positions before it did not reach; then
//   the mean. So it is enough to search each position once, among its own nodes, in the first document that is long enough.
// - The search comes to a position's logits through P(target) = e_target * total**-1: first the logit of the target, from
//   there all of the position below the logits, then, for total, the other logits in ascending order. So a row of lm_head, and
//   the few nodes that softmax makes of it, take their place in the order by a rank: 0 for the target, then the others.
//   A run of nodes is kept with the rank of its row, and finds its nodes again for whichever row has the rank this time.
//
// The partial sums that make `total` have a place that depends on the target in a third way. It does not matter: a partial sum
// hands its gradient to the one before it, which has no other, and to an exponential, which has no other either or is the
// target's, and that one has its term of P(target) first in any case. All that counts is that parents come before children. The
// order that is kept is the one for the target vocab_size - 1, in which every partial sum has its place behind the exponential
// that it needs, whichever row has which rank.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/graph/tape.h"
#include "engine/graph/value.h"
#include "microgpt/token.h"

namespace microgpt::graph {

class BackwardOrder {
 public:
  // At most this many bytes a node of the graph.
  static constexpr std::size_t kBytesPerNode = 16;

  // How many positions, from the first, have been learned.
  std::size_t size() const { return positions_.size(); }

  // Learns position size() from a tape that has just got it. `begin` is its first node, `end` the node after its last.
  void learn(const Tape& tape, Tape::Index begin, Tape::Index end, std::span<const Value> logits, std::span<const Value> probs);

  // Hands the gradients on through a document of targets.size() positions whose loss is the last node of the tape and has its
  // gradient set. All other gradients must be zero or, for parameters, what is to be added to. REQUIRES: the positions are
  // learned.
  void backpropagate(Tape& tape, std::span<const Token> targets) const;

 private:
  // `count` nodes in the order of the tape. The first is `first` + `stride` * row, where row is the row of rank `rank`;
  // nodes that belong to no row have a stride of 0.
  struct Run {
    Tape::Index first;
    Tape::Index count;
    Tape::Index stride;
    std::uint32_t rank;
  };

  static_assert(sizeof(Run) <= kBytesPerNode);

  struct Position {
    Tape::Index loss_begin;  // the nodes from here to `end` make the position's loss of a probability
    Tape::Index end;
    std::vector<Run> runs;
  };

  std::vector<Position> positions_;
};

}  // namespace microgpt::graph
