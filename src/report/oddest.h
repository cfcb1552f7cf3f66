// SPDX-License-Identifier: MIT
// Of many lines those with the greatest numbers, in the memory of so many.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace microgpt {

struct RankedLine {
  double number;
  std::size_t line;  // which it is; of equal numbers the first lines rank first
  std::string record;

  bool ranks_before(const RankedLine& other) const {
    return number != other.number ? number > other.number : line < other.line;
  }
};

class Oddest {
 public:
  // REQUIRES: max_size >= 1.
  explicit Oddest(std::size_t max_size) : max_size_(max_size) {}

  // Whether a line that comes after all others would be among them.
  bool takes(double number) const { return heap_.size() < max_size_ || number > heap_.front().number; }

  // REQUIRES: the number is not NaN; lines come in their order.
  void add(RankedLine line) {
    if (!takes(line.number)) return;
    if (heap_.size() == max_size_) {
      std::pop_heap(heap_.begin(), heap_.end(), ranks_before);
      heap_.pop_back();
    }
    heap_.push_back(std::move(line));
    std::push_heap(heap_.begin(), heap_.end(), ranks_before);
  }

  // From the greatest down. Afterwards there are none.
  std::vector<RankedLine> take() {
    std::sort_heap(heap_.begin(), heap_.end(), ranks_before);
    return std::exchange(heap_, {});
  }

 private:
  static bool ranks_before(const RankedLine& a, const RankedLine& b) { return a.ranks_before(b); }

  std::size_t max_size_;
  std::vector<RankedLine> heap_;  // the last in rank in front
};

}  // namespace microgpt
