// SPDX-License-Identifier: MIT
#include "parallel/at_once.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <future>
#include <system_error>
#include <vector>

#include "parallel/cores.h"
#include "parallel/signals_blocked.h"

namespace microgpt {
namespace {

// work(1) ... work(threads - 1), each by a thread of its own, as far as the system has threads.
std::vector<std::future<void>> start(std::size_t threads, const std::function<void(std::size_t thread)>& work) {
  const SignalsBlocked scope;
  std::vector<std::future<void>> started;
  try {
    for (std::size_t thread = 1; thread < threads; ++thread) started.push_back(std::async(std::launch::async, work, thread));
  } catch (const std::system_error&) {  // the others do what this one would have done
  }
  return started;
}

}  // namespace

void for_each_at_once(std::size_t count, std::size_t at_once,
                      const std::function<void(std::size_t i, std::size_t thread)>& work) {
  std::atomic<std::size_t> next = 0;
  std::vector<std::exception_ptr> problems(count);
  const auto work_on_all = [&](std::size_t thread) {
    for (std::size_t i = next++; i < count; i = next++) try {
        work(i, thread);
      } catch (...) {
        problems[i] = std::current_exception();
      }
  };
  std::vector<std::future<void>> others = start(std::min(at_once, count), work_on_all);
  work_on_all(0);
  for (std::future<void>& other : others) other.get();
  for (const std::exception_ptr& problem : problems)
    if (problem) std::rethrow_exception(problem);
}

Concurrency concurrency_for(std::size_t models, std::size_t threads_asked_for) {
  const std::size_t cores = default_threads();
  const std::size_t at_once =
      std::min(models, std::max<std::size_t>(1, threads_asked_for == 0 ? cores : cores / threads_asked_for));
  // As many of a pair as ever, whatever is asked for.
  const std::size_t all = models == 2 ? 2 : at_once;
  return {all, threads_asked_for == 0 ? std::max<std::size_t>(1, cores / all) : threads_asked_for};
}

}  // namespace microgpt
