// SPDX-License-Identifier: MIT
// Where each parameter lies in the fast engine: from the order of the ParameterTable to panels, and back.
//
// A weight is kept as its forward product reads it, [input features][output features], so that its gradient is computed with
// the outputs as lanes; mlp_fc2, whose inputs are the wider side, is kept the other way. Queries, keys and values are one
// matrix. The product that needs the other way reads a transposed copy, which transpose() makes anew after each step.
// Rows and features are rounded up to 16; what is added stays 0 through training.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/fast/kernels/kernels.h"
#include "engine/fast/panels.h"
#include "microgpt/config.h"
#include "microgpt/parameters.h"

namespace microgpt::fast {

// A matrix somewhere in a buffer.
struct PackedMatrix {
  std::size_t offset;
  std::size_t rows;
  std::size_t features;

  std::size_t padded_rows() const { return round_up_to_vector(rows); }
  std::size_t size() const { return panels_size(padded_rows(), features); }
  Panels in(float* buffer) const { return Panels::make(buffer + offset, padded_rows(), features); }
  ConstPanels in(const float* buffer) const { return ConstPanels::make(buffer + offset, padded_rows(), features); }
};

struct PackedLayer {
  PackedMatrix qkv;  // [n_embd][3 * n_embd, each third rounded up to 16]
  PackedMatrix wo;   // [n_embd][n_embd]
  PackedMatrix fc1;  // [n_embd][hidden_dim]
  PackedMatrix fc2;  // [n_embd][hidden_dim]; its transposed copy is that of the forward product
};

class Packing {
 public:
  // REQUIRES: validate(config) does not throw.
  explicit Packing(const Config& config);

  const ParameterTable& table() const { return table_; }

  // Floats of the parameters, and of all transposed copies.
  std::size_t size() const { return size_; }
  std::size_t transposed_size() const { return transposed_size_; }

  // In the buffer of parameters, and in that of the gradient.
  PackedMatrix wte{};      // [vocab_size][n_embd]
  PackedMatrix wpe{};      // [block_size][n_embd]
  PackedMatrix lm_head{};  // [n_embd][vocab_size]
  std::vector<PackedLayer> layers;

  // In the buffer of transposed copies.
  PackedMatrix lm_head_transposed{};
  std::vector<PackedLayer> layers_transposed;

  // Floats of the largest transposed copy.
  std::size_t largest_transposed() const;

  // wte and wpe, which come first.
  std::size_t embeddings_size() const { return lm_head.offset; }

  // REQUIRES: sizes of table().parameter_count() and size().
  void pack(std::span<const double> parameters, std::span<float> packed) const;
  void unpack(std::span<const float> packed, std::span<double> parameters) const;

  // One tensor of the table. REQUIRES: its size, and size(); what is not a parameter is 0.
  void pack(std::size_t tensor, std::span<const double> numbers, std::span<float> packed) const;
  void unpack(std::span<const float> packed, std::size_t tensor, std::span<double> numbers) const;

  // Makes transposed copy `i` of transposed_copies() anew.
  std::size_t transposed_copies() const { return 1 + 4 * layers.size(); }
  void transpose(std::size_t i, const Kernels& kernels, std::span<const float> packed, std::span<float> transposed) const;

 private:
  // How a tensor of the table lies in its matrix: its rows are outputs.
  struct Slot {
    const PackedMatrix* matrix;
    bool outputs_are_features;
    std::size_t first_feature;
  };

  Slot slot_of(const Tensor& tensor, std::size_t index) const;
  template <typename Visit>
  void for_each_element(std::size_t index, Visit visit) const;

  ParameterTable table_;
  std::size_t size_ = 0;
  std::size_t transposed_size_ = 0;
};

// The parameters of a fast engine, as its streams and passes read them. All of it belongs to the engine and must outlive what
// holds a FastModel.
struct FastModel {
  const Config& config;
  const Kernels& kernels;
  const Packing& packing;
  std::span<const float> parameters;
  std::span<const float> transposed;  // copies; empty where they are made just before they are used

  // Whether the parameters outgrow the second cache of most processors, a megabyte.
  bool exceeds_cache() const { return parameters.size() > std::size_t{1} << 18; }
};

}  // namespace microgpt::fast
