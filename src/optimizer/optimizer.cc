// SPDX-License-Identifier: MIT
#include "optimizer/optimizer.h"

#include <cassert>
#include <cmath>
#include <span>
#include <variant>

#include "optimizer/kernels/optimizer_kernels.h"
#include "parallel/slices.h"

namespace microgpt {
namespace {

double sum_of_squares(std::span<const double> x) {
  double sum = 0.0;
  for (const double value : x) sum += value * value;
  return sum;
}

}  // namespace

LocalOptimizer::LocalOptimizer(const OptimizerOptions& options, const Config& config, const AnyBuffers& buffers, Target target)
    : options_(options.adam), adam_(options.adam, buffers, target) {
  if (options.kind == OptimizerKind::muon) muon_.emplace(config, target);
}

void LocalOptimizer::step(const AnyBuffers& buffers, double learning_rate, double gradient_factor) {
  if (!muon_) return adam_.step(buffers, learning_rate, gradient_factor);
  const auto& floats = std::get<Buffers<float>>(buffers);
  adam_.step_part(floats, 0, muon_->begin(), learning_rate, gradient_factor);
  muon_->step(floats, std::get<std::span<float>>(adam_.mean()),
              {learning_rate, options_.beta1, options_.weight_decay, gradient_factor});
}

void LocalOptimizer::step_slice(const Buffers<float>& buffers, std::size_t slice, std::size_t slices, double learning_rate,
                                double gradient_factor) {
  assert(works_on_slices());
  const auto part = slice_of(buffers.parameters, slice, slices);
  const auto begin = static_cast<std::size_t>(part.data() - buffers.parameters.data());
  adam_.step_part(buffers, begin, begin + part.size(), learning_rate, gradient_factor);
}

double gradient_norm(const AnyBuffers& buffers, Target target) {
  if (const auto* doubles = std::get_if<Buffers<double>>(&buffers)) return std::sqrt(sum_of_squares(doubles->gradient));
  return std::sqrt(optimizer_kernels_for(target).sum_of_squares(std::get<Buffers<float>>(buffers).gradient));
}

}  // namespace microgpt
