// SPDX-License-Identifier: MIT
#include "model/initialize.h"

#include <cmath>

namespace microgpt {
namespace {

bool writes_into_residual_stream(const Tensor& tensor) {
  return tensor.name.ends_with(".attn_wo") || tensor.name.ends_with(".mlp_fc2");
}

}  // namespace

InitialStd width_scaled_std(std::size_t n_embd) {
  const double std = 0.32 / std::sqrt(static_cast<double>(n_embd));
  return {std, std};
}

std::vector<double> initial_parameters(const ParameterTable& table, InitialStd std, PythonRandom& random) {
  std::vector<double> parameters;
  parameters.reserve(table.parameter_count());
  for (const Tensor& tensor : table.tensors()) {
    const double tensor_std = writes_into_residual_stream(tensor) ? std.residual : std.general;
    for (std::size_t i = 0; i < tensor.size(); ++i) parameters.push_back(random.gauss(0.0, tensor_std));
  }
  return parameters;
}

}  // namespace microgpt
