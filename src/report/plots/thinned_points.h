// SPDX-License-Identifier: MIT
// Points of a series of unknown length, few enough to be drawn.
#pragma once

#include <cassert>
#include <cstddef>
#include <vector>

#include "report/plots/line_plot.h"

namespace microgpt {

// Takes every point at first. Whenever there are max_size, it drops each second one, and takes half as many of those to come:
// what it has is at all times spread evenly over the series.
class ThinnedPoints {
 public:
  // REQUIRES: max_size >= 2.
  explicit ThinnedPoints(std::size_t max_size) : max_size_(max_size) { assert(max_size >= 2); }

  void add(const Point& point) {
    if (count_++ % stride_ != 0) return;
    points_.push_back(point);
    if (points_.size() < max_size_) return;
    for (std::size_t i = 0; 2 * i < points_.size(); ++i) points_[i] = points_[2 * i];
    points_.resize((points_.size() + 1) / 2);
    stride_ *= 2;
  }

  // At least half of max_size, once there were so many.
  const std::vector<Point>& points() const { return points_; }

 private:
  std::size_t max_size_;
  std::size_t count_ = 0;
  std::size_t stride_ = 1;
  std::vector<Point> points_;
};

}  // namespace microgpt
