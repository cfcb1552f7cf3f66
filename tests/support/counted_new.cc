// SPDX-License-Identifier: MIT
#include "support/counted_new.h"

#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

namespace microgpt::testing {
namespace {

std::atomic<std::size_t> asked_for{0};
std::atomic<std::size_t> live{0};
std::atomic<std::size_t> bytes{0};  // that are there now
std::atomic<std::size_t> peak{0};
std::atomic<std::ptrdiff_t> next_to_fail{0};  // counted down: 1 is the one that fails

void* allocate(std::size_t size, std::size_t alignment) {
  ++asked_for;
  if (next_to_fail.fetch_sub(1) == 1) throw std::bad_alloc();
  // aligned_alloc wants a multiple of the alignment.
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  void* memory = std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
  if (memory == nullptr) throw std::bad_alloc();
  ++live;
  bytes += malloc_usable_size(memory);
  peak = std::max<std::size_t>(peak, bytes);  // one thread at a time
  return memory;
}

void release(void* memory) {
  if (memory == nullptr) return;
  --live;
  bytes -= malloc_usable_size(memory);
  std::free(memory);
}

constexpr std::size_t kDefaultAlignment = __STDCPP_DEFAULT_NEW_ALIGNMENT__;

}  // namespace

std::size_t allocations() { return asked_for; }
std::size_t live_allocations() { return live; }
std::size_t max_bytes() { return peak; }
void forget_most_bytes() { peak = bytes.load(); }

FailingAllocation::FailingAllocation(std::size_t n) { next_to_fail = static_cast<std::ptrdiff_t>(n); }
FailingAllocation::~FailingAllocation() { next_to_fail = 0; }
bool FailingAllocation::has_failed() const { return next_to_fail <= 0; }

}  // namespace microgpt::testing

using microgpt::testing::allocate;
using microgpt::testing::kDefaultAlignment;
using microgpt::testing::release;

void* operator new(std::size_t size) { return allocate(size, kDefaultAlignment); }
void* operator new[](std::size_t size) { return allocate(size, kDefaultAlignment); }
void* operator new(std::size_t size, std::align_val_t alignment) { return allocate(size, static_cast<std::size_t>(alignment)); }
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { release(memory); }
void operator delete[](void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }
