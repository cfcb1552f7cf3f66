// SPDX-License-Identifier: MIT
// What the fast engine computes for the rows of a shard, and keeps for the gradient.
//
// Shapes are [rows][features]; the names are those of fast_engine.cc. One allocation holds it all; it is made anew when a shard
// has more rows than any before. Where no gradient is wanted, all layers lie in one place, which the processor's cache holds.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/fast/panels.h"
#include "microgpt/config.h"
#include "simd/aligned_buffer.h"

namespace microgpt::fast {

struct LayerActivations {
  Panels attention_input;  // normed x
  float* attention_scale;  // [rows]
  Panels qkv;              // queries, keys, values
  float* probabilities;    // of attention over short documents
  Panels attention;        // what the heads took from the values
  Panels mlp_input;        // normed x
  float* mlp_scale;        // [rows]
  Panels hidden;           // after the activation
  Panels rectified;        // of squared relu: before squaring
  // In the place of hidden, one after the other, as nobody needs what was there before.
  Panels dhidden;
  Panels dqkv;
  Panels dattention;  // beside dqkv
};

// Whose activations are there after a forward pass: those of all layers, as a gradient needs, or of the last one.
enum class KeptLayers {
  last,
  all,
};

class Activations {
 public:
  explicit Activations(const Config& config) : config_(config) {}

  // Allocates memory. `probabilities` and `scratch` are floats for attention. Once all layers are kept, they always are.
  void reserve(std::size_t rows, std::size_t probabilities, std::size_t scratch, KeptLayers kept);

  // Rows that there is space for.
  std::size_t rows() const { return rows_; }

  // Floats that so many rows take, without attention's own.
  static std::size_t floats(const Config& config, std::size_t rows);

  Panels embedded;  // normed sum of the embeddings
  float* embedded_scale = nullptr;
  Panels x;  // the residual stream
  std::vector<LayerActivations> layers;
  Panels logits;                           // becomes its gradient
  std::vector<std::size_t> logit_offsets;  // where the logit of each token lies in a row
  float* lse = nullptr;
  float* weight = nullptr;  // [rows]: how much a row counts in the loss

  Panels dx;  // in the place of x, of which the backward pass needs the last one alone, and first
  Panels dnormed;
  Panels branch;  // of the residual, or its gradient, where there is dropout: in the place of dnormed, as never both are needed
  float* attention_scratch = nullptr;

 private:
  // Lays out everything in a buffer that begins at `base` and returns how many floats that takes; with nullptr only that.
  std::size_t lay_out(float* base);

  Config config_;
  KeptLayers kept_ = KeptLayers::last;
  std::size_t rows_ = 0;
  std::size_t probabilities_ = 0;
  std::size_t scratch_ = 0;
  AlignedBuffer<float> buffer_;
};

}  // namespace microgpt::fast
