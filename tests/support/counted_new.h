// SPDX-License-Identifier: MIT
// The global operator new of a program that is linked with counted_new.cc: it counts, and one call of it can be made to fail.
#pragma once

#include <cstddef>

namespace microgpt::testing {

// How often memory was asked for so far, by all threads.
std::size_t allocations();

// How many of these are there now.
std::size_t live_allocations();

inline std::size_t allocations_of(const auto& work) {
  const std::size_t before = allocations();
  work();
  return allocations() - before;
}

// Since the last call of forget_most_bytes(); for one thread at a time.
std::size_t max_bytes();
void forget_most_bytes();

// The most bytes that are there at once because of the work, which begins and ends with as many.
inline std::size_t bytes_of(const auto& work) {
  forget_most_bytes();
  const std::size_t before = max_bytes();
  work();
  return max_bytes() - before;
}

// While one lives, the n-th allocation since then, counted from 1, throws std::bad_alloc, whichever thread it is that asks.
// Those after it do not. REQUIRES: one at a time.
class FailingAllocation {
 public:
  explicit FailingAllocation(std::size_t n);
  ~FailingAllocation();
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;

  bool has_failed() const;
};

}  // namespace microgpt::testing
