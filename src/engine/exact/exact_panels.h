// SPDX-License-Identifier: MIT
// Activations of the exact engine: eight positions of a document lie side by side.
//
// A matrix [features][positions] is cut into blocks of eight positions, each stored feature by feature: [block][feature][8]. So
// every sum over features, in whichever order, is a chain of additions of vectors whose lanes are positions, and no two
// positions are ever added up. What a block has beyond the last position is some finite number in activations and 0 in
// gradients.
#pragma once

#include <cstddef>

namespace microgpt::exact {

inline constexpr std::size_t kBlock = 8;  // positions

constexpr std::size_t blocks_of(std::size_t positions) { return (positions + kBlock - 1) / kBlock; }
constexpr std::size_t round_up_to_block(std::size_t n) { return blocks_of(n) * kBlock; }

// A matrix somewhere in memory, aligned to a cache line; `T` is double or const double.
template <typename T>
struct PanelView {
  T* data = nullptr;
  std::size_t features = 0;

  operator PanelView<const T>() const { return {data, features}; }

  // The feature at the block's eight positions.
  T* at(std::size_t block, std::size_t feature) const { return data + (block * features + feature) * kBlock; }
  T& element(std::size_t feature, std::size_t position) const { return at(position / kBlock, feature)[position % kBlock]; }
};

using Panels = PanelView<double>;
using ConstPanels = PanelView<const double>;

}  // namespace microgpt::exact
