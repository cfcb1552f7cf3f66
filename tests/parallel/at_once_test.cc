// SPDX-License-Identifier: MIT
#include "parallel/at_once.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/length.h"

namespace microgpt::at_once_test {
namespace {

TEST(AtOnce, WorksOnEachNumberOnce) {
  for (const std::size_t at_once : {1U, 3U, 20U}) {
    std::vector<std::atomic<int>> times(7);
    for_each_at_once(times.size(), at_once, [&](std::size_t i, std::size_t thread) {
      EXPECT_LT(thread, at_once);
      ++times[i];
    });
    for (const std::atomic<int>& each : times) EXPECT_EQ(each, 1);
  }
  for_each_at_once(0, 3, [](std::size_t, std::size_t) { ADD_FAILURE(); });
}

TEST(AtOnce, ThrowsWhatGoesWrongWithTheLowest) {
  std::atomic<int> done = 0;
  const auto work = [&](std::size_t i, std::size_t) {
    ++done;
    if (i > 2) throw std::runtime_error(std::to_string(i));
  };
  try {
    for_each_at_once(9, 3, work);
    ADD_FAILURE();
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "3");
  }
  EXPECT_EQ(done, 9);
}

// Without memory for another thread's stack; in a new process, as stacks of threads that have ended are used again.
TEST(AtOnce, WithoutThreadsTheCallingOneDoesAll) {
  if (!testing::kFullLength) GTEST_SKIP() << "sanitizers map more than any limit";
  const auto limited = [] {
    const rlimit none{1 << 20, 1 << 20};
    if (setrlimit(RLIMIT_AS, &none) != 0) std::exit(2);
    std::size_t by_others = 0;
    std::size_t all = 0;
    for_each_at_once(5, 4, [&](std::size_t, std::size_t thread) {
      ++all;
      if (thread != 0) ++by_others;
    });
    std::exit(all == 5 && by_others == 0 ? 0 : 1);
  };
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(limited(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace microgpt::at_once_test
