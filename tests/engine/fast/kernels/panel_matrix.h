// SPDX-License-Identifier: MIT
// A matrix in panels for the tests of the kernels, with space for no more than a kernel may use, and poison wherever the
// contract lets a kernel find anything: a result that depends on it is NaN.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

#include "engine/fast/panels.h"
#include "random/python_random.h"
#include "simd/aligned_buffer.h"

namespace microgpt::testing {

inline constexpr float kPoison = std::numeric_limits<float>::quiet_NaN();

// Uniform in [-1, 1), a multiple of 2^-23.
inline float random_float(PythonRandom& random) { return static_cast<float>(random.next_word() >> 8) * 0x1p-23F - 1.0F; }

// `size` floats full of poison, followed by others that nothing may touch.
class GuardedFloats {
 public:
  explicit GuardedFloats(std::size_t size) : size_(size), buffer_(fast::round_up_to_vector(size) + kGuard) {
    std::fill_n(buffer_.data(), size, kPoison);
    std::fill_n(guard(), kGuard, kGuardValue);
  }

  float* data() const { return buffer_.data(); }
  std::span<float> span() const { return buffer_.span().first(size_); }
  void fill(float value) { std::fill_n(buffer_.data(), size_, value); }
  bool is_guard_whole() const {
    return std::all_of(guard(), guard() + kGuard, [](float x) { return x == kGuardValue; });
  }

 private:
  static constexpr std::size_t kGuard = 64;
  static constexpr float kGuardValue = 12345.0F;

  float* guard() const { return buffer_.data() + fast::round_up_to_vector(size_); }

  std::size_t size_;
  AlignedBuffer<float> buffer_;
};

class PanelMatrix {
 public:
  // `spare`: rows that there is space for beyond those rounded up.
  PanelMatrix(std::size_t rows, std::size_t features, std::size_t spare = 0)
      : rows_(rows),
        features_(features),
        padded_rows_(fast::round_up_to_vector(rows) + spare),
        floats_(fast::panels_size(padded_rows_, features)) {}

  std::size_t rows() const { return rows_; }
  std::size_t features() const { return features_; }
  fast::Panels view() const { return fast::Panels::make(floats_.data(), padded_rows_, features_); }
  float& at(std::size_t row, std::size_t feature) const { return view().element(row, feature); }
  double value(std::size_t row, std::size_t feature) const { return static_cast<double>(at(row, feature)); }

  void randomize(PythonRandom& random) {
    for (std::size_t row = 0; row < rows_; ++row)
      for (std::size_t f = 0; f < features_; ++f) at(row, f) = random_float(random);
  }

  void fill(float value) {
    for (std::size_t row = 0; row < rows_; ++row)
      for (std::size_t f = 0; f < features_; ++f) at(row, f) = value;
  }

  // The lanes past the last feature, in the rows that there are.
  void fill_padding_lanes(float value) {
    for (std::size_t row = 0; row < rows_; ++row)
      for (std::size_t f = features_; f < fast::round_up_to_vector(features_); ++f) at(row, f) = value;
  }

  bool padding_lanes_are_zero() const {
    for (std::size_t row = 0; row < rows_; ++row)
      for (std::size_t f = features_; f < fast::round_up_to_vector(features_); ++f)
        if (at(row, f) != 0.0F) return false;
    return true;
  }

  void append_to(std::vector<float>& out) const {
    for (std::size_t row = 0; row < rows_; ++row)
      for (std::size_t f = 0; f < features_; ++f) out.push_back(at(row, f));
  }

  bool is_guard_whole() const { return floats_.is_guard_whole(); }

 private:
  std::size_t rows_;
  std::size_t features_;
  std::size_t padded_rows_;
  GuardedFloats floats_;
};

}  // namespace microgpt::testing
