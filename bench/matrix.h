// SPDX-License-Identifier: MIT
// A matrix in panels with random numbers in it, for kernels to work on.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include "engine/fast/kernels/kernels.h"
#include "engine/fast/panels.h"
#include "random/python_random.h"
#include "simd/aligned_buffer.h"

namespace microgpt::bench {

class Matrix {
 public:
  Matrix(std::size_t rows, std::size_t features)
      : rows_(rows),
        features_(features),
        buffer_(fast::panels_size(padded_rows(), features)),
        view_(fast::Panels::make(buffer_.data(), padded_rows(), features)) {}

  static Matrix random(std::size_t rows, std::size_t features, PythonRandom& random) {
    Matrix matrix(rows, features);
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t f = 0; f < features; ++f) matrix.view().element(r, f) = static_cast<float>(random.gauss(0.0, 1.0));
    return matrix;
  }

  std::size_t rows() const { return rows_; }
  std::size_t features() const { return features_; }
  fast::Panels view() const { return view_; }
  double at(std::size_t row, std::size_t feature) const { return static_cast<double>(view_.element(row, feature)); }
  double bytes() const { return static_cast<double>(rows_ * features_ * sizeof(float)); }

 private:
  std::size_t padded_rows() const { return fast::round_up_to_vector(rows_) + fast::kRowPadding; }

  std::size_t rows_;
  std::size_t features_;
  AlignedBuffer<float> buffer_;
  fast::Panels view_;
};

// A plain matrix in double precision, [rows][features].
class PlainMatrix {
 public:
  PlainMatrix(std::size_t rows, std::size_t features) : features_(features), values_(rows * features) {}
  explicit PlainMatrix(const Matrix& matrix) : PlainMatrix(matrix.rows(), matrix.features()) {
    for (std::size_t r = 0; r < matrix.rows(); ++r)
      for (std::size_t f = 0; f < features_; ++f) at(r, f) = matrix.at(r, f);
  }

  double& at(std::size_t row, std::size_t feature) { return values_[row * features_ + feature]; }
  double at(std::size_t row, std::size_t feature) const { return values_[row * features_ + feature]; }
  std::size_t rows() const { return values_.size() / features_; }
  std::size_t features() const { return features_; }

 private:
  std::size_t features_;
  std::vector<double> values_;
};

// The largest difference, as a share of the largest expected number; NaN and infinity are the largest of all.
inline double error_of(const Matrix& actual, const PlainMatrix& expected) {
  double difference = 0.0;
  double largest = 0.0;
  for (std::size_t r = 0; r < expected.rows(); ++r)
    for (std::size_t f = 0; f < expected.features(); ++f) {
      const double d = std::abs(actual.at(r, f) - expected.at(r, f));
      if (!(d <= difference)) difference = std::isfinite(d) ? d : HUGE_VAL;
      largest = std::max(largest, std::abs(expected.at(r, f)));
    }
  return difference / largest;
}

}  // namespace microgpt::bench
