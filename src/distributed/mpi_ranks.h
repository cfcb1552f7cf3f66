// SPDX-License-Identifier: MIT
// The ranks of a program that mpirun has started.
//
// Who waits for another rank cannot know how long that one works: rank 0 may save or validate for a minute. So each rank has a
// thread that tells rank 0 ten times a second that it is alive, and rank 0 tells the others: a rank that is killed, stopped or
// cut off falls silent whatever it was doing, and after the deadline who waits for it gets RankLost. It is a thread, as no
// other part of a rank comes by often enough, and over MPI, as that reaches all ranks wherever they are; so MPI must be one
// that several threads may call (MPI_THREAD_MULTIPLE).
//
// A process cannot leave MPI without the others. Once one is lost it ends without MPI_Finalize, which mpirun takes as a failure
// of the whole job; and where that hangs, `end_process` is called.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "parallel/ranks.h"

namespace microgpt {

struct MpiOptions {
  std::chrono::milliseconds deadline{20000};  // of silence

  // Whether this process was told to end. A rank is then lost after a second of silence: mpirun tells so when another rank has
  // died, and kills a second later.
  std::function<bool()> is_ending = [] { return false; };

  // Ends the process with an error: it could not end by itself. Called by another thread.
  std::function<void()> end_process;
};

// The MPI that this program is built with; nothing where it is built without.
std::optional<std::string> mpi_name();

// Joins the others. At most once in a process, which is in MPI as long as the object lives. One that is destroyed by an
// exception on another rank than 0 leaves at once, which makes mpirun end the others; rank 0 is to tell them before. Throws
// Error: this program is built without MPI, or with another one than has started it.
std::unique_ptr<Ranks> join_mpi_ranks(const MpiOptions& options);

}  // namespace microgpt
