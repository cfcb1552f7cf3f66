// SPDX-License-Identifier: MIT
// A team of threads that do the tasks of one job after another, where a job may last a few microseconds.
//
// The thread that calls run() is thread 0; the others wait for it. Between jobs they first watch for the next one, then yield
// their cores whenever somebody else wants them, and after some milliseconds without work they sleep until they are needed.
// Which thread does which task is not fixed: each begins with its own share, so that it finds its data in its cache, and then
// helps out. A thread whose core is busy with something else does not hold up a job unless it has begun a task.
//
// Threads: one thread at a time calls run(), and no task does. What was written before run() is seen by the tasks, and what
// they write by the caller afterwards. Threads take no signals. Nothing is allocated after construction.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>

namespace microgpt {

class ThreadTeam {
 public:
  static constexpr std::size_t kMaxThreads = 32;
  static constexpr std::size_t kMaxTasks = 32;

  // A team of one has no threads. Throws Error where the system does not give so many.
  // REQUIRES: 1 <= threads <= kMaxThreads.
  explicit ThreadTeam(std::size_t threads);
  ~ThreadTeam();

  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  std::size_t size() const { return size_; }

  // Calls function(task, thread) for each task below `tasks`, and returns when all have ended. Thread numbers are below
  // min(tasks, size()), and none does two tasks at once. Where tasks throw, the exception of the first of them, by number,
  // reaches the caller; the others may or may not have been done. REQUIRES: tasks <= kMaxTasks.
  template <typename Function>
  void run(std::size_t tasks, const Function& function) {
    run_tasks(tasks, &function,
              [](const void* f, std::size_t task, std::size_t thread) { (*static_cast<const Function*>(f))(task, thread); });
  }

  // Calls function(i, thread) for each i below `count`, however many they are: whoever is free takes the next.
  template <typename Function>
  void for_each(std::size_t count, const Function& function) {
    std::atomic<std::size_t> next{0};
    run(std::min(count, size_), [&](std::size_t, std::size_t thread) {
      for (std::size_t i = next++; i < count; i = next++) function(i, thread);
    });
  }

 private:
  struct State;
  using Call = void (*)(const void* function, std::size_t task, std::size_t thread);

  void run_tasks(std::size_t tasks, const void* function, Call call);

  std::size_t size_;
  std::unique_ptr<State> state_;  // null in a team of one
};

// How many cores this process may use: those of the machine that its affinity mask and its control groups, such as those of a
// container, leave to it. At least 1.
std::size_t usable_cores();

}  // namespace microgpt
