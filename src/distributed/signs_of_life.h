// SPDX-License-Identifier: MIT
// The thread by which a rank tells others that it is alive, and hears so from them: rank 0 and all others, in both directions.
#pragma once

#include <mpi.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace microgpt {

class SignsOfLife {
 public:
  using Clock = std::chrono::steady_clock;

  // A communicator of its own. `end_process` as in MpiOptions.
  SignsOfLife(MPI_Comm communicator, std::function<void()> end_process);

  SignsOfLife(const SignsOfLife&) = delete;
  SignsOfLife& operator=(const SignsOfLife&) = delete;

  // A rank that was not heard of for longer than that. By any thread.
  std::optional<std::size_t> silent_for(Clock::duration limit) const;

  // No call of MPI comes from the thread any more. From now on it waits for the process to end, or for ended(), and calls
  // end_process() where it takes too long.
  void be_quiet();

  // MPI is left, and the thread ends.
  void ended();

  // Leaves the thread to itself until the process ends.
  void abandon();

 private:
  struct State;
  std::shared_ptr<State> state_;  // the thread may outlive the object
  std::thread thread_;
};

}  // namespace microgpt
