// SPDX-License-Identifier: MIT
// Where one thread waits for others: without sleeping as long as that pays, and then asleep.
#pragma once

#include <atomic>
#include <chrono>
#include <thread>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace microgpt {

// Lets the other thread of a core run, and saves power.
inline void pause_core() {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Its own cache line, as others look at it often.
class alignas(64) WaitPoint {
 public:
  // Returns when `ready` does. With `keeps_core` the core is kept for the first moments, which is right where each thread has
  // one. For one thread at a time. REQUIRES: who makes it ready does so by a sequentially consistent operation on an atomic
  // that `ready` reads in the same way, and calls wake() afterwards.
  template <typename Ready>
  void wait_until(const Ready& ready, bool keeps_core);

  // Cheap where nobody sleeps here.
  void wake() {
    if (asleep_.load() == 0) return;
    asleep_.store(0);
    asleep_.notify_one();
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr int kLooks = 64;  // between two looks at the clock: some microseconds
  static constexpr std::chrono::microseconds kKeepingCore{50};
  static constexpr std::chrono::microseconds kYielding{2000};

  std::atomic<int> asleep_{0};
};

template <typename Ready>
void WaitPoint::wait_until(const Ready& ready, bool keeps_core) {
  const auto look = [&ready] {
    for (int i = 0; i < kLooks; ++i) {
      if (ready()) return true;
      pause_core();
    }
    return false;
  };
  if (look()) return;
  const auto begin = Clock::now();
  while (keeps_core && Clock::now() - begin < kKeepingCore)
    if (look()) return;
  do {
    if (ready()) return;
    std::this_thread::yield();
  } while (Clock::now() - begin < kYielding);
  while (!ready()) {
    asleep_.store(1);
    if (ready()) break;  // it may have been made so just before
    asleep_.wait(1);
  }
  asleep_.store(0);
}

}  // namespace microgpt
