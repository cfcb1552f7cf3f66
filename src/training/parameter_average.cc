// SPDX-License-Identifier: MIT
#include "training/parameter_average.h"

#include <algorithm>
#include <cassert>
#include <span>

namespace microgpt {

ParameterAverage::ParameterAverage(double share, const AnyBuffers& buffers) : share_(share) {
  std::visit([this]<typename Real>(
                 const Buffers<Real>& of) { numbers_ = std::vector<Real>(of.parameters.begin(), of.parameters.end()); },
             buffers);
}

void ParameterAverage::take(const AnyNumbers& parameters, std::size_t step) {
  assert(step > 0);
  std::visit(
      [&]<typename Real>(std::span<Real> of) {
        const std::span<Real> mean = std::get<std::vector<Real>>(numbers_);
        const auto part = static_cast<Real>(1.0 / (1.0 + share_ * static_cast<double>(step - 1)));
        for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += part * (of[i] - mean[i]);
      },
      parameters);
}

AnyNumbers ParameterAverage::numbers() {
  return std::visit([](auto& numbers) -> AnyNumbers { return std::span(numbers); }, numbers_);
}

void ParameterAverage::exchange(Engine& engine) {
  std::visit(
      [this]<typename Real>(const Buffers<Real>& of) {
        auto& mean = std::get<std::vector<Real>>(numbers_);
        assert(mean.size() == of.parameters.size());
        std::swap_ranges(mean.begin(), mean.end(), of.parameters.begin());
      },
      engine.buffers());
  engine.parameters_changed();
}

}  // namespace microgpt
