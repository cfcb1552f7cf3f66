// SPDX-License-Identifier: MIT
#include "optimizer/adam.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "optimizer/kernels/optimizer_kernels.h"
#include "parallel/slices.h"
#include "simd/denormals_as_zero.h"
#include "simd/powers.h"

namespace microgpt {
namespace {

constexpr std::size_t kMinSlice = 16384;  // parameters that are worth a thread more

}  // namespace

Adam::Adam(const AdamOptions& options, const AnyBuffers& buffers, Target target) : options_(options), target_(target) {
  if (const auto* doubles = std::get_if<Buffers<double>>(&buffers)) {
    const std::size_t count = doubles->parameters.size();
    double_ = {std::vector<double>(count), std::vector<double>(count)};
  } else {
    const std::size_t count = std::get<Buffers<float>>(buffers).parameters.size();
    float_ = {AlignedBuffer<float>(count), AlignedBuffer<float>(count)};
  }
}

AnyNumbers Adam::mean() {
  if (double_.m.empty()) return float_.m.span();
  return std::span(double_.m);
}

AnyNumbers Adam::square() {
  if (double_.v.empty()) return float_.v.span();
  return std::span(double_.v);
}

void Adam::resume(std::size_t steps) {
  steps_ = steps;
  beta1_power_ = beta2_power_ = 1.0;
  for (std::size_t i = 0; i < steps; ++i) multiply_powers();
}

void Adam::begin_anew() {
  resume(0);
  for (const AnyNumbers moments : {mean(), square()})
    std::visit([](auto numbers) { std::fill(numbers.begin(), numbers.end(), 0); }, moments);
}

void Adam::multiply_powers() {
  beta1_power_ *= options_.beta1;
  beta2_power_ *= options_.beta2;
}

void Adam::step(const AnyBuffers& buffers, double learning_rate, double gradient_factor) {
  if (const auto* doubles = std::get_if<Buffers<double>>(&buffers)) return step_of(*doubles, learning_rate, gradient_factor);
  const auto& floats = std::get<Buffers<float>>(buffers);
  step_part(floats, 0, floats.parameters.size(), learning_rate, gradient_factor);
}

void Adam::step_of(const Buffers<double>& buffers, double learning_rate, double gradient_factor) {
  ++steps_;
  assert(buffers.parameters.size() == double_.m.size() && buffers.gradient.size() == double_.m.size());
  const Powers powers = libm_powers();
  AdamCallF64 call{};
  call.parameters = buffers.parameters;
  call.gradient = buffers.gradient;
  call.m = double_.m;
  call.v = double_.v;
  call.beta1 = options_.beta1;
  call.beta2 = options_.beta2;
  call.m_correction = 1.0 - powers.pow(options_.beta1, static_cast<double>(steps_));
  call.v_correction = 1.0 - powers.pow(options_.beta2, static_cast<double>(steps_));
  call.learning_rate = learning_rate;
  call.epsilon = options_.epsilon;
  call.gradient_factor = gradient_factor;
  call.keep = 1.0 - learning_rate * options_.weight_decay;
  call.powers = powers;
  optimizer_kernels_for(target_).adam_f64(call);
}

void Adam::step_part(const Buffers<float>& buffers, std::size_t begin, std::size_t end, double learning_rate,
                     double gradient_factor) {
  ++steps_;
  assert(buffers.parameters.size() == float_.m.size() && buffers.gradient.size() == float_.m.size());
  multiply_powers();
  AdamCallF32 call{};
  call.beta1 = static_cast<float>(options_.beta1);
  call.beta2 = static_cast<float>(options_.beta2);
  const double root_of_v_correction = std::sqrt(1.0 - beta2_power_);
  call.rate = static_cast<float>(learning_rate * root_of_v_correction / (1.0 - beta1_power_));
  call.epsilon = static_cast<float>(options_.epsilon * root_of_v_correction);
  call.gradient_factor = static_cast<float>(gradient_factor);
  call.keep = static_cast<float>(1.0 - learning_rate * options_.weight_decay);
  const OptimizerKernels& kernels = optimizer_kernels_for(target_);
  call.parameters = buffers.parameters.subspan(begin, end - begin);
  call.gradient = buffers.gradient.subspan(begin, end - begin);
  call.m = float_.m.span().subspan(begin, end - begin);
  call.v = float_.v.span().subspan(begin, end - begin);
  const std::size_t parts = slice_count(call.parameters.size(), kMinSlice, buffers.team == nullptr ? 1 : buffers.team->size());
  const auto move_part = [&](std::size_t i, std::size_t) {
    const DenormalsAsZero scope;
    AdamCallF32 part = call;
    part.parameters = slice_of(call.parameters, i, parts);
    part.gradient = slice_of(call.gradient, i, parts);
    part.m = slice_of(call.m, i, parts);
    part.v = slice_of(call.v, i, parts);
    kernels.adam_f32(part);
  };
  if (parts == 1) return move_part(0, 0);
  buffers.team->run(parts, move_part);
}

}  // namespace microgpt
