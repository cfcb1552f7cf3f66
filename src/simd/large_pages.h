// SPDX-License-Identifier: MIT
// Memory for large tables that are read here and there: in the system's large pages, where it has them. Those cost one fault
// in the place of hundreds, and the processor finds their addresses in its own table more often.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace microgpt {

// Memory from the system itself, to which free_large() gives it back at once; it begins at a multiple of kLargePage, but under
// AddressSanitizer. Throws std::bad_alloc. REQUIRES: at least kLargePage bytes.
inline constexpr std::size_t kLargePage = std::size_t{1} << 21;
void* allocate_large(std::size_t bytes);
void free_large(void* memory, std::size_t bytes);

// Less than a large page comes from where all else does.
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
    return static_cast<T*>(bytes < kLargePage ? ::operator new(bytes) : allocate_large(bytes));
  }

  void deallocate(T* memory, std::size_t count) {
    if (count * sizeof(T) < kLargePage)
      ::operator delete(memory);
    else
      free_large(memory, count * sizeof(T));
  }

  template <typename U>
  bool operator==(const LargePageAllocator<U>&) const {
    return true;
  }
};

#ifdef __wasm__  // which has no large pages, and no space for a second kind of vector
template <typename T>
using LargeVector = std::vector<T>;
#else
template <typename T>
using LargeVector = std::vector<T, LargePageAllocator<T>>;
#endif

}  // namespace microgpt
