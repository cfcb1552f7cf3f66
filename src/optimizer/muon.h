// SPDX-License-Identifier: MIT
// Muon (Jordan et al. 2024) for the weights of the fast engine's layers: each moves by a matrix that is orthogonal, or nearly,
// in the direction of its mean gradient, so that what little of the gradient is in a rare direction moves it as far as what
// much is in a common one.
//
// Of a weight W [outputs][inputs] with gradient G and momentum M, at first 0: M = beta M + (1 - beta) G; of
// U = beta M + (1 - beta) G, divided by its norm, five Newton-Schulz steps X -> a X + (b X X^T + c (X X^T)^2) X with
// (a, b, c) = (3.4445, -4.7750, 2.0315) bring all singular values near to 1; and W = keep W - rate * 0.2 sqrt(longer side) X.
// By that last factor (Liu et al. 2025) a weight moves about as far as by Adam, and both need one learning rate.
//
// The same bits on every target and with any number of threads.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/engine.h"
#include "microgpt/config.h"
#include "simd/aligned_buffer.h"
#include "simd/target.h"

namespace microgpt {

class Muon {
 public:
  // For models of this shape. REQUIRES: validate(config) does not throw.
  Muon(const Config& config, Target target);

  // Bytes that each thread works with. REQUIRES: as the constructor.
  static std::size_t workspace_bytes(const Config& config);

  // Where the layers' weights begin in a buffer: what comes before moves otherwise.
  std::size_t begin() const { return begin_; }

  struct Step {
    double learning_rate;
    double beta;
    double weight_decay;
    double gradient_factor;
  };

  // Moves the layers' weights by a step, whose matrices the buffers' team shares out. REQUIRES: buffers of the fast engine of
  // such a model; `momentum` is laid out alike, and of the step before.
  void step(const Buffers<float>& buffers, std::span<float> momentum, const Step& step);

 private:
  // The features from 16 * first_vector on of a matrix of panels, whose rows are the model's width.
  struct Weight {
    std::size_t offset;
    std::size_t all_features;
    std::size_t first_vector;
    std::size_t features;
  };

  // The workspace of one thread: X and the next one [width][features], X^T, X X^T and what is made of it.
  struct Workspace {
    AlignedBuffer<float> x;
    AlignedBuffer<float> next;
    AlignedBuffer<float> transposed;
    AlignedBuffer<float> gram;
    AlignedBuffer<float> polynomial;
  };

  void move(const Weight& weight, Workspace& workspace, const Buffers<float>& buffers, std::span<float> momentum,
            const Step& step) const;
  void orthogonalise(Workspace& workspace, std::size_t features) const;
  // How many floats its buffers have: those of a whole weight, its transposed one, and a square.
  struct WorkspaceSizes {
    std::size_t wide;
    std::size_t transposed;
    std::size_t square;
  };
  static WorkspaceSizes workspace_sizes(std::size_t width, std::size_t max_features);
  Workspace make_workspace() const;

  Target target_;
  std::size_t width_;
  std::size_t padded_width_;  // rows, rounded up to 16
  std::size_t begin_;
  std::size_t max_features_ = 0;
  std::vector<Weight> weights_;        // large ones first
  std::vector<Workspace> workspaces_;  // of each thread that there was so far
};

}  // namespace microgpt
