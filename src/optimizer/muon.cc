// SPDX-License-Identifier: MIT
#include "optimizer/muon.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "engine/fast/kernels/kernels.h"
#include "engine/fast/packing.h"
#include "optimizer/kernels/optimizer_kernels.h"
#include "simd/denormals_as_zero.h"

namespace microgpt {
namespace {

constexpr int kNewtonSchulzSteps = 5;
constexpr float kA = 3.4445F;
constexpr float kB = -4.7750F;
constexpr float kC = 2.0315F;
constexpr double kSizeOfAdam = 0.2;  // the root mean square of what Adam's steps usually are, over the rate
constexpr double kMinNorm = 1e-20;

void scale(std::span<float> x, float factor) {
  for (float& value : x) value *= factor;
}

}  // namespace

Muon::Muon(const Config& config, Target target)
    : target_(target), width_(config.n_embd), padded_width_(fast::round_up_to_vector(config.n_embd)) {
  const fast::Packing packing(config);
  begin_ = packing.layers.front().qkv.offset;
  const auto add = [this](const fast::PackedMatrix& matrix, std::size_t first_vector, std::size_t features) {
    weights_.push_back({matrix.offset, matrix.features, first_vector, features});
    max_features_ = std::max(max_features_, features);
  };
  for (const fast::PackedLayer& layer : packing.layers) {
    add(layer.fc1, 0, layer.fc1.features);
    add(layer.fc2, 0, layer.fc2.features);
  }
  for (const fast::PackedLayer& layer : packing.layers) {
    for (std::size_t third = 0; third < 3; ++third) add(layer.qkv, third * fast::vectors_of(width_), width_);
    add(layer.wo, 0, width_);
  }
  workspaces_.push_back(make_workspace());
}

Muon::WorkspaceSizes Muon::workspace_sizes(std::size_t width, std::size_t max_features) {
  const std::size_t padded_rows = fast::round_up_to_vector(width);
  return {fast::panels_size(padded_rows, max_features), fast::panels_size(fast::round_up_to_vector(max_features), width),
          fast::panels_size(padded_rows, width)};
}

std::size_t Muon::workspace_bytes(const Config& config) {
  const WorkspaceSizes sizes = workspace_sizes(config.n_embd, fast::Packing(config).layers.front().fc1.features);
  return sizeof(float) * (2 * sizes.wide + sizes.transposed + 2 * sizes.square);
}

Muon::Workspace Muon::make_workspace() const {
  const WorkspaceSizes sizes = workspace_sizes(width_, max_features_);
  return {AlignedBuffer<float>(sizes.wide), AlignedBuffer<float>(sizes.wide), AlignedBuffer<float>(sizes.transposed),
          AlignedBuffer<float>(sizes.square), AlignedBuffer<float>(sizes.square)};
}

void Muon::step(const Buffers<float>& buffers, std::span<float> momentum, const Step& step) {
  assert(momentum.size() == buffers.parameters.size() && buffers.gradient.size() == buffers.parameters.size());
  const std::size_t threads = buffers.team == nullptr ? 1 : std::min(buffers.team->size(), weights_.size());
  while (workspaces_.size() < threads) workspaces_.push_back(make_workspace());
  const auto move_weight = [&](std::size_t i, std::size_t thread) {
    const DenormalsAsZero scope;
    move(weights_[i], workspaces_[thread], buffers, momentum, step);
  };
  if (threads > 1) return buffers.team->for_each(weights_.size(), move_weight);
  for (std::size_t i = 0; i < weights_.size(); ++i) move_weight(i, 0);
}

void Muon::move(const Weight& weight, Workspace& workspace, const Buffers<float>& buffers, std::span<float> momentum,
                const Step& step) const {
  const auto in = [&](auto* buffer) {
    return fast::PanelView<std::remove_pointer_t<decltype(buffer)>>::make(buffer + weight.offset, padded_width_,
                                                                          weight.all_features);
  };
  const fast::ConstPanels gradient = in(buffers.gradient.data());
  const fast::Panels means = in(momentum.data());
  const fast::Panels parameters = in(buffers.parameters.data());
  const std::size_t vectors = fast::vectors_of(weight.features);
  const auto beta = static_cast<float>(step.beta);
  const auto rest = static_cast<float>((1.0 - step.beta) * step.gradient_factor);
  const std::span<float> numbers(workspace.x.data(), fast::panels_size(padded_width_, weight.features));
  std::fill(numbers.begin(), numbers.end(), 0.0F);  // where a panel is not full
  const fast::Panels direction = fast::Panels::make(workspace.x.data(), padded_width_, weight.features);
  for (std::size_t row = 0; row < width_; ++row)
    for (std::size_t v = 0; v < vectors; ++v) {
      const float* const g = gradient.at(row, weight.first_vector + v);
      float* const m = means.at(row, weight.first_vector + v);
      float* const x = direction.at(row, v);
      for (std::size_t i = 0; i < fast::kVectorLanes; ++i) {
        const float own = rest * g[i];
        m[i] = beta * m[i] + own;
        x[i] = beta * m[i] + own;
      }
    }
  const double norm = std::sqrt(optimizer_kernels_for(target_).sum_of_squares(numbers));
  scale(numbers, static_cast<float>(1.0 / (norm + kMinNorm)));
  orthogonalise(workspace, weight.features);
  const auto longer_side = static_cast<double>(std::max(width_, weight.features));
  const auto rate = static_cast<float>(step.learning_rate * kSizeOfAdam * std::sqrt(longer_side));
  const auto keep = static_cast<float>(1.0 - step.learning_rate * step.weight_decay);
  const fast::ConstPanels moved = fast::ConstPanels::make(workspace.x.data(), padded_width_, weight.features);
  for (std::size_t row = 0; row < width_; ++row)
    for (std::size_t v = 0; v < vectors; ++v) {
      const float* const x = moved.at(row, v);
      float* const p = parameters.at(row, weight.first_vector + v);
      for (std::size_t i = 0; i < fast::kVectorLanes; ++i) p[i] = keep * p[i] - rate * x[i];
    }
}

// workspace.x, of norm 1, becomes nearly orthogonal. What is added to its rows and features stays 0.
void Muon::orthogonalise(Workspace& workspace, std::size_t features) const {
  const fast::Kernels& kernels = fast::kernels_for(target_);
  const fast::Panels gram = fast::Panels::make(workspace.gram.data(), padded_width_, width_);
  const fast::Panels polynomial = fast::Panels::make(workspace.polynomial.data(), padded_width_, width_);
  const fast::Panels transposed = fast::Panels::make(workspace.transposed.data(), fast::round_up_to_vector(features), width_);
  const std::span<float> grams = workspace.gram.span();
  const std::span<float> polynomials = workspace.polynomial.span();
  for (int i = 0; i < kNewtonSchulzSteps; ++i) {
    const fast::Panels x = fast::Panels::make(workspace.x.data(), padded_width_, features);
    const fast::Panels next = fast::Panels::make(workspace.next.data(), padded_width_, features);
    kernels.transpose({x, padded_width_, transposed});
    kernels.product({.a = x, .b = transposed, .c = gram, .rows = padded_width_, .k = fast::round_up_to_vector(features)});
    kernels.product({.a = gram, .b = gram, .c = polynomial, .rows = padded_width_, .k = padded_width_});
    for (std::size_t j = 0; j < grams.size(); ++j) polynomials[j] = kB * grams[j] + kC * polynomials[j];
    for (std::size_t j = 0; j < width_; ++j) polynomial.element(j, j) += kA;
    kernels.product({.a = polynomial, .b = x, .c = next, .rows = padded_width_, .k = padded_width_});
    std::swap(workspace.x, workspace.next);
  }
}

}  // namespace microgpt
