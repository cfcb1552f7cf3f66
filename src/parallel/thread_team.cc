// SPDX-License-Identifier: MIT
#include "parallel/thread_team.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cassert>
#include <cstdint>
#include <exception>
#include <system_error>
#include <thread>
#include <vector>

#include "microgpt/error.h"
#include "parallel/signals_blocked.h"
#include "parallel/wait_point.h"

namespace microgpt {

// A job is its function and what is in `open`: the job's number in the upper half, and in the lower one a bit for each task
// that nobody has begun. A thread takes a task by clearing its bit, which succeeds only if the job is still the one whose
// function and number of tasks it has read: these change only after all tasks of the job before have ended, so with `open`'s
// lower half 0.
struct ThreadTeam::State {
  explicit State(std::size_t size) : wait_points(size), keeps_cores(size <= usable_cores()) {}

  ~State() {
    stops = true;
    for (WaitPoint& wait_point : wait_points) wait_point.wake();
    for (std::thread& thread : threads) thread.join();
  }

  void start_threads();
  void serve(std::size_t thread);
  bool is_wanted(std::size_t thread) const { return tasks_of(open) != 0 && thread < task_count; }
  void take_tasks(std::size_t thread);
  void perform(const void* with_function, Call with_call, std::size_t task, std::size_t thread);
  void rethrow_first_error();

  static std::uint32_t tasks_of(std::uint64_t job) { return static_cast<std::uint32_t>(job); }

  alignas(64) std::atomic<std::uint64_t> open{0};
  std::atomic<const void*> function{nullptr};
  std::atomic<Call> call{nullptr};
  std::atomic<std::size_t> task_count{0};
  std::atomic<bool> stops{false};

  alignas(64) std::atomic<std::size_t> unfinished{0};
  std::atomic<bool> has_error{false};
  std::array<std::exception_ptr, kMaxTasks> errors;  // of each task

  std::vector<WaitPoint> wait_points;  // of each thread
  std::vector<std::thread> threads;    // of all threads but 0
  bool keeps_cores;
};

void ThreadTeam::State::start_threads() {
  const SignalsBlocked scope;
  threads.reserve(wait_points.size());
  for (std::size_t thread = 1; thread < wait_points.size(); ++thread) threads.emplace_back([this, thread] { serve(thread); });
}

void ThreadTeam::State::serve(std::size_t thread) {
  while (true) {
    wait_points[thread].wait_until([&] { return stops || is_wanted(thread); }, keeps_cores);
    if (stops) return;
    take_tasks(thread);
  }
}

void ThreadTeam::State::take_tasks(std::size_t thread) {
  std::uint64_t job = open.load();
  while (tasks_of(job) != 0) {
    const void* const job_function = function.load(std::memory_order_relaxed);
    const Call job_call = call.load(std::memory_order_relaxed);
    const std::size_t count = task_count.load(std::memory_order_relaxed);
    const std::size_t used_threads = std::min(count, wait_points.size());
    if (thread >= used_threads) return;
    // The first open one from where its share begins.
    const auto share = static_cast<int>(thread * count / used_threads);
    const int task = (std::countr_zero(std::rotr(tasks_of(job), share)) + share) % 32;
    if (!open.compare_exchange_weak(job, job & ~(std::uint64_t{1} << task))) continue;
    perform(job_function, job_call, static_cast<std::size_t>(task), thread);
    job = open.load();
  }
}

void ThreadTeam::State::perform(const void* with_function, Call with_call, std::size_t task, std::size_t thread) {
  try {
    with_call(with_function, task, thread);
  } catch (...) {
    errors[task] = std::current_exception();
    has_error.store(true, std::memory_order_relaxed);
  }
  if (unfinished.fetch_sub(1) == 1) wait_points[0].wake();
}

void ThreadTeam::State::rethrow_first_error() {
  has_error.store(false, std::memory_order_relaxed);
  std::exception_ptr first;
  for (std::exception_ptr& error : errors) {
    if (!first) first = error;
    error = nullptr;
  }
  std::rethrow_exception(first);
}

ThreadTeam::ThreadTeam(std::size_t threads) : size_(threads) {
  assert(threads >= 1 && threads <= kMaxThreads);
  if (threads == 1) return;
  state_ = std::make_unique<State>(threads);
  try {
    state_->start_threads();
  } catch (const std::system_error& error) {
    throw Error(fmt::format("cannot start {} threads: {}; take fewer", threads, error.code().message()));
  }
}

ThreadTeam::~ThreadTeam() = default;

void ThreadTeam::run_tasks(std::size_t tasks, const void* function, Call call) {
  assert(tasks <= kMaxTasks);
  if (tasks <= 1 || !state_) {
    for (std::size_t task = 0; task < tasks; ++task) call(function, task, 0);
    return;
  }
  State& s = *state_;
  assert(State::tasks_of(s.open) == 0 && s.unfinished == 0);
  s.function.store(function, std::memory_order_relaxed);
  s.call.store(call, std::memory_order_relaxed);
  s.task_count.store(tasks, std::memory_order_relaxed);
  s.unfinished.store(tasks, std::memory_order_relaxed);
  const std::uint64_t number = (s.open.load(std::memory_order_relaxed) >> 32) + 1;
  s.open = number << 32 | (0xFFFF'FFFFU >> (32 - tasks));
  for (std::size_t thread = 1; thread < std::min(tasks, size_); ++thread) s.wait_points[thread].wake();
  s.take_tasks(0);
  s.wait_points[0].wait_until([&s] { return s.unfinished == 0; }, s.keeps_cores);
  if (s.has_error.load(std::memory_order_relaxed)) s.rethrow_first_error();
}

}  // namespace microgpt
