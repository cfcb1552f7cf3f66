// Whether mpirun, or another launcher of MPI, has started this process as one of several.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "microgpt/engine.h"
#include "parallel/ranks.h"

namespace microgpt {

// By the variables that it sets; a process that it starts alone is like any other.
bool is_started_by_mpirun();

// By the same: 0 where that is not so. What is wrong on all ranks is said by rank 0 alone.
std::size_t rank_by_environment();

// Joins the other ranks; null where this process is not one of several. Throws UsageError: this program has no MPI, or another
// than what has started it.
std::unique_ptr<Ranks> join_ranks(std::chrono::milliseconds deadline);

// Throws UsageError where this process is one of several: `command` would do the same in each.
void require_no_mpirun(std::string_view command);

// What another rank than 0 does: it serves rank 0 until that sends it home, with so many threads; 0 is as many as there are
// cores for it. It takes no notice of SIGINT and SIGTERM, which rank 0 gets as well. What goes wrong is thrown with the rank's
// number.
void serve_rank_0(Ranks& ranks, std::size_t threads);

}  // namespace microgpt
