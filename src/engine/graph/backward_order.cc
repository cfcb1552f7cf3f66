// SPDX-License-Identifier: MIT
#include "engine/graph/backward_order.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

namespace microgpt::graph {
namespace {

// Nodes of which each row of lm_head has equally many, row after row: a logit, its exponential, or its probability.
struct Block {
  Tape::Index begin;
  Tape::Index end;
  Tape::Index stride;

  bool contains(Tape::Index node) const { return node >= begin && node < end; }
};

// `last_of_row(row)` is the last node of the row.
template <typename LastOfRow>
Block block_of_rows(std::size_t rows, LastOfRow last_of_row) {
  const Tape::Index stride = last_of_row(1) - last_of_row(0);
  return {last_of_row(0) + 1 - stride, last_of_row(rows - 1) + 1, stride};
}

// The ranks of rows, given the target: the target is 0, the others follow in ascending order.
std::uint32_t rank_of_row(std::uint32_t row, std::uint32_t target) {
  if (row == target) return 0;
  return row < target ? row + 1 : row;
}

std::uint32_t row_of_rank(std::uint32_t rank, std::uint32_t target) {
  if (rank == 0) return target;
  return rank <= target ? rank - 1 : rank;
}

}  // namespace

void BackwardOrder::learn(const Tape& tape, Tape::Index begin, Tape::Index end, std::span<const Value> logits,
                          std::span<const Value> probs) {
  const std::size_t rows = logits.size();
  const auto target = static_cast<std::uint32_t>(rows - 1);
  const auto probability = [&](std::size_t row) { return probs[row].index; };
  const std::array<Block, 3> blocks{
      block_of_rows(rows, [&](std::size_t row) { return logits[row].index; }),
      block_of_rows(rows, [&](std::size_t row) { return tape.children(probability(row))[0]; }),  // its exponential
      block_of_rows(rows, probability),
  };
  Position position{probability(target) + 1, end, {}};
  for (const Tape::Index node : tape.depth_first_order(probability(target), begin)) {
    Run run{node, 1, 0, 0};
    const auto block = std::find_if(blocks.begin(), blocks.end(), [&](const Block& b) { return b.contains(node); });
    if (block != blocks.end()) {
      const Tape::Index row = (node - block->begin) / block->stride;
      run = {node - row * block->stride, 1, block->stride, rank_of_row(row, target)};
    }
    if (!position.runs.empty()) {
      Run& last = position.runs.back();
      if (last.first + last.count == run.first && last.stride == run.stride && last.rank == run.rank) {
        ++last.count;
        continue;
      }
    }
    position.runs.push_back(run);
  }
  position.runs.shrink_to_fit();
  positions_.push_back(std::move(position));
}

void BackwardOrder::backpropagate(Tape& tape, std::span<const Token> targets) const {
  const std::size_t n = targets.size();
  assert(n >= 1 && n <= positions_.size());
  const Tape::Index mean_begin = positions_[n - 1].end;
  tape.backpropagate(mean_begin, tape.size() - mean_begin);
  for (std::size_t p = n; p-- > 0;) {
    const Position& position = positions_[p];
    const auto target = static_cast<std::uint32_t>(targets[p]);
    tape.backpropagate(position.loss_begin, position.end - position.loss_begin);
    for (auto run = position.runs.rbegin(); run != position.runs.rend(); ++run) {
      const Tape::Index row = row_of_rank(run->rank, target);
      tape.backpropagate(run->first + run->stride * row, run->count);
    }
  }
}

}  // namespace microgpt::graph
