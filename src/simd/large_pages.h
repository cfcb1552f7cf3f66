// SPDX-License-Identifier: MIT
// Memory for large tables that are read here and there: in the system's large pages, where it has them. Those cost one fault
// in the place of hundreds, and the processor finds their addresses in its own table more often.
#pragma once

#ifdef __linux__
#include <sys/mman.h>
#endif

#include <cstddef>
#include <new>
#include <vector>

namespace microgpt {

template <typename T>
class LargePageAllocator {
 public:
  using value_type = T;

  LargePageAllocator() = default;
  template <typename U>
  LargePageAllocator(const LargePageAllocator<U>&) {}  // NOLINT(google-explicit-constructor): containers convert it

  T* allocate(std::size_t count) {
    if (count > static_cast<std::size_t>(-1) / sizeof(T)) throw std::bad_alloc();
    const std::size_t bytes = count * sizeof(T);
    if (bytes < kLargePage) return static_cast<T*>(::operator new(bytes));
    void* const memory = ::operator new(bytes, std::align_val_t{kLargePage});
#ifdef __linux__
    madvise(memory, bytes, MADV_HUGEPAGE);  // where that fails, pages are small
#endif
    return static_cast<T*>(memory);
  }

  void deallocate(T* memory, std::size_t count) {
    if (count * sizeof(T) < kLargePage)
      ::operator delete(memory);
    else
      ::operator delete(memory, std::align_val_t{kLargePage});
  }

  template <typename U>
  bool operator==(const LargePageAllocator<U>&) const {
    return true;
  }

 private:
  static constexpr std::size_t kLargePage = std::size_t{1} << 21;
};

template <typename T>
using LargeVector = std::vector<T, LargePageAllocator<T>>;

}  // namespace microgpt
