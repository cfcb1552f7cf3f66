// SPDX-License-Identifier: MIT
#include "engine/graph/tape.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "microgpt/error.h"

namespace microgpt::graph {

void Tape::grow() {
  constexpr std::size_t kFirstCapacity = 4096;
  reserve(std::max({kFirstCapacity, size_ + 1, std::min(2 * size_, kMaxNodes)}));
}

void Tape::reserve(std::size_t nodes) {
  if (nodes > kMaxNodes)
    throw Error(fmt::format("a graph of {} nodes is too large: at most {} are possible", nodes, kMaxNodes));
  if (nodes <= data_.size()) return;
  grad_.resize(nodes);
  children_.resize(nodes);
  operations_.resize(nodes);
  data_.resize(nodes);  // last: it says how many nodes all of them can hold, should one of them fail
}

std::span<const Tape::Index> Tape::children(Index i) const {
  const std::span<const Index> both = children_[i];
  switch (operations_[i]) {
    case Operation::leaf:
      return {};
    case Operation::add:
    case Operation::multiply:
      return both;
    case Operation::power:
    case Operation::log:
    case Operation::exp:
    case Operation::relu:
      break;
  }
  return both.first(1);
}

void Tape::zero_grad(std::size_t first) { std::fill_n(grad_.data() + first, size_ - first, 0.0); }

void Tape::backpropagate(Index first, std::size_t count) {
  const double* const data = data_.data();
  double* const grad = grad_.data();
  for (std::size_t i = first + count; i-- > first;) {
    const auto [a, b] = children_[i];
    const double g = grad[i];
    // Sums of products are nearly all there is.
    if (operations_[i] == Operation::multiply) {
      grad[a] += data[b] * g;
      grad[b] += data[a] * g;
    } else if (operations_[i] == Operation::add) {
      grad[a] += g;
      grad[b] += g;
    } else if (operations_[i] != Operation::leaf) {
      grad[a] += derivative_of_function(i) * g;
    }
  }
}

double Tape::derivative_of_function(std::size_t i) const {
  const auto [a, b] = children_[i];
  const double x = data_[a];
  switch (operations_[i]) {
    case Operation::power:
      return data_[b] * std::pow(x, data_[b] - 1.0);
    case Operation::log:
      return 1.0 / x;
    case Operation::exp:
      return data_[i];
    case Operation::relu:
      return x > 0.0 ? 1.0 : 0.0;
    case Operation::leaf:
    case Operation::add:
    case Operation::multiply:
      break;
  }
  assert(false);
  return 0.0;
}

std::vector<Tape::Index> Tape::depth_first_order(Index root, Index floor) const {
  struct Visit {
    Index node;
    std::size_t next_child;
  };
  // An explicit stack: the longest sums would exhaust the machine's.
  std::vector<Index> order;
  std::vector<bool> seen(size_ - floor);
  std::vector<Visit> stack{{root, 0}};
  seen[root - floor] = true;
  while (!stack.empty()) {
    Visit& visit = stack.back();
    const auto nodes = children(visit.node);
    if (visit.next_child == nodes.size()) {
      order.push_back(visit.node);
      stack.pop_back();
      continue;
    }
    const Index child = nodes[visit.next_child++];
    if (child >= floor && !seen[child - floor]) {
      seen[child - floor] = true;
      stack.push_back({child, 0});
    }
  }
  return order;
}

void Tape::backward(Index root) {
  const std::vector<Index> order = depth_first_order(root, 0);
  zero_grad();
  set_grad(root, 1.0);
  for (auto node = order.rbegin(); node != order.rend(); ++node) backpropagate(*node, 1);
}

}  // namespace microgpt::graph
