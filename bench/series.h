// Seconds measured again and again. The smallest is what the machine can do when its neighbours are quiet, the median says how
// quiet they were.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace microgpt::bench {

class Series {
 public:
  void add(double seconds) { samples_.push_back(seconds); }
  bool empty() const { return samples_.empty(); }

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
