// SPDX-License-Identifier: MIT
#include "cli/commands/program.h"
#include "cli/mpirun.h"
#include "cli/terminal.h"
#include "io/resource_limits.h"

int main(int argc, char** argv) {
  microgpt::fill_closed_descriptors();
  microgpt::keep_freed_memory();
  microgpt::become_mpi_program(argv);
  return microgpt::run_program({argv + 1, argv + argc});
}
