// SPDX-License-Identifier: MIT
// Many integers in few bytes: all in the narrowest type that holds the largest of them, which is known beforehand.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <variant>
#include <vector>

namespace microgpt {

class PackedIntegers {
 public:
  // `size` zeros, and space for values up to `largest`.
  PackedIntegers(std::size_t size, std::uint64_t largest) {
    if (!fits<std::uint8_t>(size, largest) && !fits<std::uint16_t>(size, largest) && !fits<std::uint32_t>(size, largest))
      values_.emplace<std::vector<std::uint64_t>>(size);
  }

  std::uint64_t operator[](std::size_t i) const {
    return std::visit([i](const auto& values) { return static_cast<std::uint64_t>(values[i]); }, values_);
  }

  // REQUIRES: value is at most what was said to be the largest.
  void set(std::size_t i, std::uint64_t value) {
    visit([i, value]<typename T>(std::vector<T>& values) {
      assert(value <= std::numeric_limits<T>::max());
      values[i] = static_cast<T>(value);
    });
  }

  // Calls work(std::vector<T>&) with the T that was chosen, for work on many at once. The size must stay.
  template <typename Work>
  void visit(Work&& work) {
    std::visit(std::forward<Work>(work), values_);
  }
  template <typename Work>
  void visit(Work&& work) const {
    std::visit(std::forward<Work>(work), values_);
  }

  std::size_t bytes() const {
    return std::visit([](const auto& values) { return values.capacity() * sizeof(values[0]); }, values_);
  }

 private:
  template <typename T>
  bool fits(std::size_t size, std::uint64_t largest) {
    if (largest > std::numeric_limits<T>::max()) return false;
    values_.emplace<std::vector<T>>(size);
    return true;
  }

  std::variant<std::vector<std::uint8_t>, std::vector<std::uint16_t>, std::vector<std::uint32_t>, std::vector<std::uint64_t>>
      values_;
};

}  // namespace microgpt
