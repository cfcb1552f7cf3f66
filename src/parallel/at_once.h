// SPDX-License-Identifier: MIT
// Long tasks, several at the same time, each by a thread of its own.
#pragma once

#include <cstddef>
#include <functional>

namespace microgpt {

// Works on each number, so many at the same time, or fewer where the system has no more threads; the calling thread is number
// 0. What goes wrong with the lowest is thrown, when all are done.
void for_each_at_once(std::size_t count, std::size_t at_once,
                      const std::function<void(std::size_t i, std::size_t thread)>& work);

// How many models are trained at the same time, and with how many threads each.
struct Concurrency {
  std::size_t at_once;
  std::size_t threads;
};
Concurrency concurrency_for(std::size_t models, std::size_t threads_asked_for);

}  // namespace microgpt
