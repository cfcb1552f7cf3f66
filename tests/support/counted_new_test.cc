// SPDX-License-Identifier: MIT
#include "support/counted_new.h"

#include <gtest/gtest.h>

#include <new>
#include <vector>

namespace microgpt::testing {
namespace {

// Where a compiler can see that memory is not used, it need not ask for it.
void* volatile escaped;

template <typename T>
T* escape(T* memory) {
  escaped = memory;
  return memory;
}

TEST(CountedNew, Counts) {
  struct alignas(64) Line {
    char bytes[64];
  };
  EXPECT_EQ(allocations_of([] {}), 0U);
  EXPECT_EQ(allocations_of([] { delete escape(new int(1)); }), 1U);
  EXPECT_EQ(allocations_of([] { delete[] escape(new int[100]); }), 1U);
  EXPECT_EQ(allocations_of([] { delete escape(new Line); }), 1U);
  EXPECT_EQ(allocations_of([] { delete[] escape(new Line[3]); }), 1U);
  EXPECT_EQ(allocations_of([] { delete escape(escape(new std::vector<int>(100))); }), 2U);
}

TEST(CountedNew, CountsWhatIsThere) {
  const std::size_t before = live_allocations();
  const int* const number = escape(new int(1));
  const std::size_t with_number = live_allocations();
  delete number;
  EXPECT_EQ(with_number, before + 1);
  EXPECT_EQ(live_allocations(), before);
}

TEST(CountedNew, CountsBytes) {
  const std::size_t most = bytes_of([] {
    for (int i = 0; i < 3; ++i) delete[] escape(new char[100'000]);
  });
  EXPECT_GE(most, 100'000U);
  EXPECT_LT(most, 110'000U);
}

TEST(CountedNew, FailsOnce) {
  int made = 0;
  const auto make = [&made] {
    delete escape(new int(1));
    ++made;
  };
  bool third_failed = false;
  {
    const FailingAllocation failure(3);
    make();
    make();
    EXPECT_FALSE(failure.has_failed());
    try {
      make();
    } catch (const std::bad_alloc&) {
      third_failed = failure.has_failed();
    }
    make();
  }
  EXPECT_TRUE(third_failed);
  EXPECT_EQ(made, 3);
  const FailingAllocation never(1'000'000);
  make();
  EXPECT_FALSE(never.has_failed());
}

}  // namespace
}  // namespace microgpt::testing
