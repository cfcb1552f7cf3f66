// SPDX-License-Identifier: MIT
#include "optimizer/clipping.h"

#include <cmath>
#include <span>
#include <variant>

#include "optimizer/kernels/optimizer_kernels.h"

namespace microgpt {
namespace {

double sum_of_squares(std::span<const double> x) {
  double sum = 0.0;
  for (const double value : x) sum += value * value;
  return sum;
}

}  // namespace

double gradient_norm(const AnyBuffers& buffers, Target target) {
  if (const auto* doubles = std::get_if<Buffers<double>>(&buffers)) return std::sqrt(sum_of_squares(doubles->gradient));
  return std::sqrt(optimizer_kernels_for(target).sum_of_squares(std::get<Buffers<float>>(buffers).gradient));
}

}  // namespace microgpt
