// SPDX-License-Identifier: MIT
// Seconds measured again and again, or ratios. Of seconds the smallest is what the machine can do when its neighbours are
// quiet, and the median says how quiet they were; of ratios of what was measured in turns the median is the figure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace microgpt::bench {

class Series {
 public:
  void add(double sample) { samples_.push_back(sample); }
  bool empty() const { return samples_.empty(); }

  // REQUIRES: not empty().
  double last() const { return samples_.back(); }

  // REQUIRES: not empty().
  double minimum() const { return *std::min_element(samples_.begin(), samples_.end()); }
  double median() const {
    std::vector<double> sorted = samples_;
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
    std::nth_element(sorted.begin(), middle, sorted.end());
    return *middle;
  }

 private:
  std::vector<double> samples_;
};

}  // namespace microgpt::bench
