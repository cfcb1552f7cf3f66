#include "model/initialize.h"

namespace microgpt {
namespace {

bool writes_into_residual_stream(const Tensor& tensor) {
  return tensor.name.ends_with(".attn_wo") || tensor.name.ends_with(".mlp_fc2");
}

}  // namespace

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
