// SPDX-License-Identifier: MIT
#include "simd/large_pages.h"

// Who looks for accesses past the end must see each allocation.
#if defined(__SANITIZE_ADDRESS__)
#define MICROGPT_CHECKS_ADDRESSES
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MICROGPT_CHECKS_ADDRESSES
#endif
#endif

#if defined(__linux__) && !defined(MICROGPT_CHECKS_ADDRESSES)
#define MICROGPT_MAPS_LARGE_PAGES
#include <sys/mman.h>
#include <unistd.h>
#endif

#include <cstdint>

namespace microgpt {

#ifdef MICROGPT_MAPS_LARGE_PAGES

// A large page begins at a multiple of its size, so more is asked for, and what is before and after that is given back.
void* allocate_large(std::size_t bytes) {
  void* const taken = mmap(nullptr, bytes + kLargePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (taken == MAP_FAILED) throw std::bad_alloc();
  auto* const begin = static_cast<std::byte*>(taken);
  const std::size_t before = -reinterpret_cast<std::uintptr_t>(begin) % kLargePage;
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const std::size_t used = (bytes + page - 1) / page * page;
  const std::size_t all = (bytes + kLargePage + page - 1) / page * page;
  if (before > 0) munmap(begin, before);
  if (before + used < all) munmap(begin + before + used, all - before - used);
  madvise(begin + before, used, MADV_HUGEPAGE);  // where that fails, pages are small
  return begin + before;
}

void free_large(void* memory, std::size_t bytes) { munmap(memory, bytes); }

#else

void* allocate_large(std::size_t bytes) { return ::operator new(bytes); }
void free_large(void* memory, std::size_t) { ::operator delete(memory); }

#endif

}  // namespace microgpt
