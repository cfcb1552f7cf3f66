// SPDX-License-Identifier: MIT
// Matrices in panels: how the fast engine lays out activations and weights.
//
// A matrix [rows][features] is cut into panels of `width` features, each stored row by row: [features / width][row][width]. The
// next row of a panel is always `width` floats away, whatever the number of features, so that one kernel serves all shapes and
// no stride is a large power of two. Features are counted in vectors of 16; what a vector has beyond the last feature is 0 in
// weights and never read into a result.
#pragma once

#include <algorithm>
#include <cstddef>

namespace microgpt::fast {

inline constexpr std::size_t kVectorLanes = 16;

constexpr std::size_t vectors_of(std::size_t features) { return (features + kVectorLanes - 1) / kVectorLanes; }
constexpr std::size_t round_up_to_vector(std::size_t n) { return vectors_of(n) * kVectorLanes; }

// One or three vectors make a panel of their own; else it has two, and where the number is odd the last one half of it.
constexpr std::size_t panel_width(std::size_t features) {
  const std::size_t vectors = vectors_of(features);
  return kVectorLanes * (vectors == 1 || vectors == 3 ? vectors : 2);
}

constexpr std::size_t panel_count(std::size_t features) {
  return (round_up_to_vector(features) + panel_width(features) - 1) / panel_width(features);
}

// Floats that a matrix takes.
constexpr std::size_t panels_size(std::size_t rows, std::size_t features) {
  return panel_count(features) * panel_width(features) * rows;
}

// A matrix somewhere in memory; `T` is float or const float. One that is wider than three vectors is a single panel.
template <typename T>
struct PanelView {
  T* data = nullptr;
  std::size_t vectors = 0;       // of 16 features each
  std::size_t width = 0;         // floats from row to row
  std::size_t panel_stride = 0;  // floats from panel to panel

  // `rows` is what the matrix has space for.
  static constexpr PanelView make(T* data, std::size_t rows, std::size_t features) {
    return {data, vectors_of(features), panel_width(features), rows * panel_width(features)};
  }

  operator PanelView<const T>() const { return {data, vectors, width, panel_stride}; }

  // The 16 features of a row that begin at feature 16 * vector.
  T* at(std::size_t row, std::size_t vector) const {
    // Divisions by constants: those by a variable would take longer than what is done with the vector.
    switch (width / kVectorLanes) {
      case 1:
        return data + vector * panel_stride + row * width;
      case 2:
        return data + vector / 2 * panel_stride + row * width + vector % 2 * kVectorLanes;
      case 3:
        return data + vector / 3 * panel_stride + row * width + vector % 3 * kVectorLanes;
      default:  // all in one
        return data + row * width + vector * kVectorLanes;
    }
  }

  // What is left from a row on, and of the panels those from `first` to `last` - 1 that there are.
  constexpr PanelView from_row(std::size_t row) const { return {data + row * width, vectors, width, panel_stride}; }
  constexpr PanelView panels(std::size_t first, std::size_t last) const {
    const std::size_t vectors_per_panel = width / kVectorLanes;
    return {data + first * panel_stride, std::min(vectors, last * vectors_per_panel) - first * vectors_per_panel, width,
            panel_stride};
  }
  constexpr std::size_t panel_count() const { return (vectors * kVectorLanes + width - 1) / width; }

  T& element(std::size_t row, std::size_t feature) const { return at(row, feature / kVectorLanes)[feature % kVectorLanes]; }
};

using Panels = PanelView<float>;
using ConstPanels = PanelView<const float>;

// Hands out parts of one buffer; see Activations for how it is used.

// With a null base nothing is handed out, and only what it would take is counted.
class Arena {
 public:
  explicit Arena(float* base) : base_(base) {}

  float* floats(std::size_t count) {
    float* taken = base_ == nullptr ? nullptr : base_ + used_;
    used_ += round_up_to_vector(count);
    return taken;
  }

  Panels panels(std::size_t rows, std::size_t features) {
    return Panels::make(floats(panels_size(rows, features)), rows, features);
  }

  std::size_t used() const { return used_; }

 private:
  float* base_;
  std::size_t used_ = 0;
};

}  // namespace microgpt::fast
