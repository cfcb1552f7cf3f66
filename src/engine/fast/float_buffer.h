// SPDX-License-Identifier: MIT
// Floats for the kernels: aligned to a cache line, zero at first.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <span>

namespace microgpt {

class FloatBuffer {
 public:
  FloatBuffer() = default;
  explicit FloatBuffer(std::size_t size) : data_(allocate(size)), size_(size) {}

  float* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  std::span<float> span() const { return {data_.get(), size_}; }

 private:
  static constexpr std::align_val_t kAlignment{64};

  struct Free {
    void operator()(float* data) const { ::operator delete[](data, kAlignment); }
  };

  static std::unique_ptr<float[], Free> allocate(std::size_t size) {
    if (size > static_cast<std::size_t>(-1) / sizeof(float)) throw std::bad_alloc();
    auto* data = static_cast<float*>(::operator new[](size * sizeof(float), kAlignment));
    std::uninitialized_fill_n(data, size, 0.0F);
    return std::unique_ptr<float[], Free>(data);
  }

  std::unique_ptr<float[], Free> data_;
  std::size_t size_ = 0;
};

}  // namespace microgpt
