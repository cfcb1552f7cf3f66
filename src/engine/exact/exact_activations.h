// SPDX-License-Identifier: MIT
// What the exact engine computes of a document, and keeps for the gradient.
//
// Shapes are [features][positions], in panels; the names are those of exact_engine.cc. One allocation holds it all; it is made
// anew when a document has more positions than any before. A document uses the beginning of each part.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/exact/exact_panels.h"
#include "microgpt/config.h"
#include "simd/aligned_buffer.h"

namespace microgpt::exact {

// What a norm keeps of each position: see NormCall.
struct NormActivations {
  double* u;
  double* scale;
};

struct LayerActivations {
  Panels x;  // the residual stream before the layer
  NormActivations attention_norm;
  Panels attention_input;  // normed x
  Panels q;
  Panels k;
  Panels v;
  double* exponentials;  // of attention
  double* total;
  double* inverse;
  Panels attention;  // what the heads took from the values
  Panels x_middle;   // the residual stream after attention
  NormActivations mlp_norm;
  Panels mlp_input;  // normed x_middle
  Panels rectified;
  Panels hidden;  // of relu the same as rectified
};

class Activations {
 public:
  explicit Activations(const Config& config) : config_(config) {}

  // Makes space for a document of so many positions. Throws ConfigError where this machine does not have the memory.
  void reserve(std::size_t positions);

  Panels embedded;  // sum of the embeddings
  NormActivations embedded_norm{};
  std::vector<LayerActivations> layers;
  Panels x;       // the residual stream after the last layer
  Panels logits;  // become e to their power, then their gradient
  double* total = nullptr;
  double* inverse = nullptr;
  double* losses = nullptr;

  double* target_gradient = nullptr;
  Panels dx;
  Panels dnormed;
  Panels dattention;
  Panels dq;
  Panels dk;
  Panels dv;
  Panels dhidden;
  double* transposed = nullptr;  // of as many features as the hidden layer has
  double* attention_scratch = nullptr;

 private:
  // Lays out everything in a buffer that begins at `base` and returns how many doubles that takes; with nullptr only that.
  double lay_out(double* base, std::size_t positions);

  Config config_;
  std::size_t positions_ = 0;
  AlignedBuffer<double> buffer_;
};

}  // namespace microgpt::exact
