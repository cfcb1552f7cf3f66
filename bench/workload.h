// SPDX-License-Identifier: MIT
// What is timed: a model and the batches that it is trained on.
//
// The batches repeat after some steps, so that every segment that takes a multiple of them does the same work.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "microgpt/config.h"
#include "text/batch.h"
#include "training/epochs.h"

namespace microgpt::bench {

enum class Documents {
  names,    // the embedded names, as `train` draws them
  windows,  // random tokens, block_size positions each
};

struct Shape {
  std::string name;
  Config config;
  std::size_t batch_size;
  Documents documents;
  double learning_rate = 0.01;
};

// All that the benchmark knows, small ones first.
std::vector<Shape> all_shapes();

class Workload {
 public:
  explicit Workload(const Shape& shape);

  const Shape& shape() const { return shape_; }
  const Config& config() const { return shape_.config; }

  // How many batches there are before the first comes again, and those.
  std::size_t cycle() const { return batches_.size(); }
  const std::vector<Batch>& batches() const { return batches_; }

  // Fills the empty batch of a step as training does: names are drawn from the epochs again.
  void fill(std::size_t step, Batch& batch);

  // Means over the batches. The floating-point operations of forward and backward products and causal attention, where no
  // prefix is shared; norms, softmax and Adam are not counted.
  double positions() const;
  double operations() const;
  double product_operations() const;  // without attention

  // Initial parameters as training draws them, in table order; float32 values, so that all engines have the same.
  std::vector<double> parameters() const;

 private:
  double operations_of(const Batch& batch) const;
  double product_operations_of(const Batch& batch) const;
  std::size_t wanted_batches(double operations) const;

  Shape shape_;
  std::optional<Epochs> epochs_;
  std::vector<Batch> batches_;
};

}  // namespace microgpt::bench
