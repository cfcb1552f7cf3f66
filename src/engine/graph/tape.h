// SPDX-License-Identifier: MIT
// The tape: the memory of scalar automatic differentiation.
//
// Every number of a computation is a node with its value (`data`), the derivative of the loss with respect to it (`grad`) and
// the operation that made it from one or two earlier nodes, its children. Nodes lie in the order in which they were made, in
// one array a property, so the leaves that were put on an empty tape, the parameters, are flat buffers of their own.
//
// microgpt.py stores the local derivatives with each node. Here `backpropagate` computes them from the children's data, which
// have not changed: the same bits for half the memory, and no derivative is computed that nobody asks for.
//
// Numeric contract: each operation is one rounded IEEE double operation or one call of the C library, as in CPython. Files
// that include this one must be compiled as CMakeLists.txt says: with -ffp-contract=off and without the compiler's own pow, exp
// and log.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace microgpt::graph {

class Tape {
 public:
  using Index = std::uint32_t;
  static constexpr std::size_t kMaxNodes = std::numeric_limits<Index>::max();
  static constexpr std::size_t kBytesPerNode = 2 * sizeof(double) + 2 * sizeof(Index) + 1;

  // New nodes. Each returns the index of the node it made. Throws Error beyond kMaxNodes.
  Index leaf(double value) { return push(Operation::leaf, value, 0, 0); }
  Index add(Index a, Index b) { return push(Operation::add, data_[a] + data_[b], a, b); }
  Index multiply(Index a, Index b) { return push(Operation::multiply, data_[a] * data_[b], a, b); }
  Index log(Index a) { return push(Operation::log, std::log(data_[a]), a, a); }
  Index exp(Index a) { return push(Operation::exp, std::exp(data_[a]), a, a); }
  Index relu(Index a) { return push(Operation::relu, data_[a] > 0.0 ? data_[a] : 0.0, a, a); }
  // The exponent is a plain number; it is kept as a leaf that receives no gradient.
  Index power(Index a, double exponent) {
    const Index constant = leaf(exponent);
    return push(Operation::power, std::pow(data_[a], exponent), a, constant);
  }

  // Makes space for `nodes` nodes in all, so that they can be made without growing. Throws Error beyond kMaxNodes.
  void reserve(std::size_t nodes);

  std::size_t size() const { return size_; }
  // Forgets the nodes from `size` on. REQUIRES: size <= size().
  void rewind(std::size_t size) { size_ = size; }

  double data(Index i) const { return data_[i]; }
  double grad(Index i) const { return grad_[i]; }
  void set_grad(Index i, double grad) { grad_[i] = grad; }
  // Valid until the next node is made.
  std::span<double> data() { return std::span(data_).first(size_); }
  std::span<const double> data() const { return std::span(data_).first(size_); }
  std::span<const double> grad() const { return std::span(grad_).first(size_); }

  // The children of a node that receive gradient: none of a leaf, one of a function of one argument, else two.
  std::span<const Index> children(Index i) const;
  bool is_relu(Index i) const { return operations_[i] == Operation::relu; }

  // Sets the gradients of the nodes from `first` on to zero.
  void zero_grad(std::size_t first = 0);

  // Hands the gradients of the nodes first, first + 1, ..., first + count - 1 on to their children, last node first, and in
  // each node the first child first.
  void backpropagate(Index first, std::size_t count);

  // The nodes from `floor` on that `root` was made of, children before parents: the depth-first post-order that visits
  // children in order. Its reverse is the order in which microgpt.py propagates gradients back.
  std::vector<Index> depth_first_order(Index root, Index floor) const;

  // What Value.backward() does: all gradients of `root`, in the reverse of the depth-first order of the whole graph.
  void backward(Index root);

 private:
  enum class Operation : std::uint8_t { leaf, add, multiply, power, log, exp, relu };
  using Children = std::array<Index, 2>;

  Index push(Operation operation, double value, Index a, Index b) {
    if (size_ == data_.size()) grow();
    const std::size_t i = size_++;
    data_[i] = value;
    children_[i] = {a, b};
    operations_[i] = operation;
    return static_cast<Index>(i);
  }
  void grow();

  // The local derivative of a node with one child.
  double derivative_of_function(std::size_t i) const;

  std::size_t size_ = 0;
  std::vector<double> data_;  // this and the next three are as long as what can be held without growing
  std::vector<double> grad_;
  std::vector<Children> children_;
  std::vector<Operation> operations_;
};

}  // namespace microgpt::graph
