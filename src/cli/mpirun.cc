// SPDX-License-Identifier: MIT
#include "cli/mpirun.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>

#include "cli/arguments.h"
#include "cli/interruption.h"
#include "cli/terminal.h"
#include "distributed/data_parallel.h"
#include "distributed/mpi_ranks.h"
#include "parallel/cores.h"
#include "sweep/sweep_coordinator.h"

namespace microgpt {
namespace {

// Of each launcher the variables that say how many processes there are, and which one this is.
struct Launcher {
  const char* size;
  const char* rank;
};
constexpr std::array<Launcher, 2> kLaunchers{{
    {"OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"},  // Open MPI
    {"PMI_SIZE", "PMI_RANK"},                          // MPICH and its descendants
}};

std::size_t number_in_environment(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
}

std::optional<Launcher> launcher() {
  for (const Launcher& candidate : kLaunchers)
    if (number_in_environment(candidate.size) > 1) return candidate;
  return std::nullopt;
}

std::size_t threads_of(const Ranks& ranks, std::size_t threads) {
  return threads == 0 ? default_threads(ranks.on_same_cores()) : threads;
}

template <typename Work>
void serve(Ranks& ranks, const Work& work) {
  signal(SIGINT, SIG_IGN);
  signal(SIGTERM, SIG_IGN);
  try {
    work();
  } catch (const std::bad_alloc&) {
    throw Error(fmt::format("rank {}: out of memory: choose a smaller model", ranks.rank()));
  } catch (const Error& error) {
    throw Error(fmt::format("rank {}: {}", ranks.rank(), error.what()));
  }
}

}  // namespace

bool is_started_by_mpirun() { return launcher().has_value(); }

std::filesystem::path mpi_program() {
  std::error_code ignored;  // where /proc is not mounted, it is looked for in the current folder
  return std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path() / "microgpt_mpi";
}

void become_mpi_program(char** arguments) {
  if (!mpi_name() && is_started_by_mpirun()) execv(mpi_program().c_str(), arguments);
}

std::size_t rank_by_environment() {
  const auto found = launcher();
  return found ? number_in_environment(found->rank) : 0;
}

std::unique_ptr<Ranks> join_ranks(double deadline) {
  const auto found = launcher();
  if (!found) return nullptr;
  const auto name = mpi_name();
  if (!name)
    throw UsageError(
        "there is no microgpt_mpi beside this program: start it without mpirun, or install libopenmpi-dev and openmpi-bin, and "
        "call ./run");
  MpiOptions options;
  options.deadline = std::chrono::milliseconds(static_cast<std::int64_t>(deadline * 1000.0));
  options.is_ending = interruption_has_come;
  options.end_process = [] { _exit(kFailure); };
  auto ranks = join_mpi_ranks(options);
  if (ranks->size() != number_in_environment(found->size))
    throw UsageError(
        fmt::format("this program is built with {}, and another MPI has started it: use the mpirun of that one", *name));
  return ranks;
}

void add_deadline(Command& command, double& deadline) {
  add_real(command, "--deadline", {.min = 1.0, .max = 86400.0}, deadline,
           "Seconds without a sign of life after which a rank counts as lost (under mpirun)")
      .in("Ranks")
      .rare();
}

void require_no_mpirun(std::string_view command) {
  if (is_started_by_mpirun())
    throw UsageError(fmt::format("{} is not for mpirun, each process would do the same: start it without", command));
}

void join_training(Ranks& ranks, std::size_t threads) {
  std::optional<ThreadTeam> team;
  serve(ranks, [&] {
    run_worker(ranks, [&] {
      FastEngineOptions options;
      options.target = target_from_environment();
      options.team = &team.emplace(threads_of(ranks, threads));
      return options;
    });
  });
}

void join_sweep(Ranks& ranks, std::size_t threads) {
  serve(ranks, [&] {
    run_sweep_worker(ranks, [&] {
      return SweepResources{threads_of(ranks, threads), target_from_environment(), ranks.on_same_machine()};
    });
  });
}

}  // namespace microgpt
