// SPDX-License-Identifier: MIT
// Doubles for the kernels: aligned to a cache line, zero at first.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <span>

namespace microgpt::exact {

class DoubleBuffer {
 public:
  DoubleBuffer() = default;
  explicit DoubleBuffer(std::size_t size) : data_(allocate(size)), size_(size) {}

  double* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  std::span<double> span() const { return {data_.get(), size_}; }

 private:
  static constexpr std::align_val_t kAlignment{64};

  struct Free {
    void operator()(double* data) const { ::operator delete[](data, kAlignment); }
  };

  static std::unique_ptr<double[], Free> allocate(std::size_t size) {
    if (size > static_cast<std::size_t>(-1) / sizeof(double)) throw std::bad_alloc();
    auto* data = static_cast<double*>(::operator new[](size * sizeof(double), kAlignment));
    std::uninitialized_fill_n(data, size, 0.0);
    return std::unique_ptr<double[], Free>(data);
  }

  std::unique_ptr<double[], Free> data_;
  std::size_t size_ = 0;
};

}  // namespace microgpt::exact
