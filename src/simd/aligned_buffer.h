// SPDX-License-Identifier: MIT
// Numbers for the kernels: aligned to a cache line, zero at first.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <span>

namespace microgpt {

template <typename T>
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t size) : data_(allocate(size)), size_(size) {}

  T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  std::span<T> span() const { return {data_.get(), size_}; }

 private:
  static constexpr std::align_val_t kAlignment{64};

  struct Free {
    void operator()(T* data) const { ::operator delete[](data, kAlignment); }
  };

  static std::unique_ptr<T[], Free> allocate(std::size_t size) {
    if (size > static_cast<std::size_t>(-1) / sizeof(T)) throw std::bad_alloc();
    auto* data = static_cast<T*>(::operator new[](size * sizeof(T), kAlignment));
    std::uninitialized_fill_n(data, size, T{});
    return std::unique_ptr<T[], Free>(data);
  }

  std::unique_ptr<T[], Free> data_;
  std::size_t size_ = 0;
};

}  // namespace microgpt
