// SPDX-License-Identifier: MIT
// The one table of parameters: which tensors a model has, in the order of microgpt.py's `state_dict`.
//
// wte, wpe, lm_head, then for each layer attn_wq, attn_wk, attn_wv, attn_wo, mlp_fc1, mlp_fc2. Every tensor is a matrix,
// [rows][columns], stored row by row; a row makes one output feature, or is the embedding of one token or position.
// Initialisation, saving, gradient checks and reports walk this table. It does not change after it is made.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "microgpt/config.h"
#include "microgpt/export.h"

namespace microgpt {

struct Tensor {
  std::string name;
  std::size_t rows;
  std::size_t columns;
  std::size_t offset;  // of its first element in a flat buffer in table order

  std::size_t size() const { return rows * columns; }
};

class MICROGPT_API ParameterTable {
 public:
  // REQUIRES: validate(config) does not throw.
  explicit ParameterTable(const Config& config);

  std::span<const Tensor> tensors() const { return tensors_; }
  std::size_t parameter_count() const { return parameter_count_; }

  // REQUIRES: there is a tensor of that name.
  const Tensor& find(std::string_view name) const;

  // E.g. "layer0.mlp_fc1[12][3]", for reports. REQUIRES: index < parameter_count().
  std::string name_of(std::size_t index) const;

 private:
  void append(std::string name, std::size_t rows, std::size_t columns);

  std::vector<Tensor> tensors_;
  std::size_t parameter_count_ = 0;
};

// The name of a layer's tensor, e.g. layer_tensor(0, "attn_wq") is "layer0.attn_wq".
MICROGPT_API std::string layer_tensor(std::size_t layer, std::string_view name);

}  // namespace microgpt
