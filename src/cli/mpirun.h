// SPDX-License-Identifier: MIT
// Whether mpirun, or another launcher of MPI, has started this process as one of several.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string_view>

#include "cli/command_line.h"
#include "parallel/ranks.h"

namespace microgpt {

// By the variables that it sets; a process that it starts alone is like any other.
bool is_started_by_mpirun();

// By the same: 0 where that is not so. What is wrong on all ranks is said by rank 0 alone.
std::size_t rank_by_environment();

// The same program, linked with MPI: microgpt_mpi, beside this one. Programs that are linked with MPI start slowly, and do not
// start where there is none.
std::filesystem::path mpi_program();

// Under mpirun this process becomes that program, with the same arguments, null at their end. Returns where it is that already,
// where mpirun has not started it, or where there is no such program.
void become_mpi_program(char** arguments);

// After so many seconds of silence of another rank it counts as lost.
inline constexpr double kDefaultDeadline = 20.0;

// Joins the other ranks; null where this process is not one of several. Throws UsageError: there is no program with MPI, or
// with another than what has started it.
std::unique_ptr<Ranks> join_ranks(double deadline);

// The flag --deadline of a command that joins others.
void add_deadline(Command& command, double& deadline);

// Throws UsageError where this process is one of several: `command` would do the same in each.
void require_no_mpirun(std::string_view command);

// What another rank than 0 does: it works for rank 0, in a training or a sweep, until that shuts it down, with so many threads;
// 0 is as many as there are cores for it. It takes no notice of SIGINT and SIGTERM, which rank 0 gets as well. What goes wrong
// is thrown with the rank's number.
void join_training(Ranks& ranks, std::size_t threads);
void join_sweep(Ranks& ranks, std::size_t threads);

}  // namespace microgpt
