// The part of the program that knows MPI: a shared object beside the program, which is loaded under mpirun only. So the program
// needs no MPI to be built, to be installed or to start.
#pragma once

#include <memory>
#include <string>

#include "parallel/mpi_ranks.h"

namespace microgpt {

// What the shared object exports, as `microgpt_mpi_part`.
struct MpiPart {
  std::string (*name)();
  std::unique_ptr<Ranks> (*join)(const MpiOptions& options);
};

inline constexpr const char* kMpiPartFile = "libmicrogpt_mpi.so";

// Loads it once for all of the process. Returns null where it does not lie beside the program. Throws Error: it is there and
// cannot be loaded, as where its MPI is missing.
const MpiPart* load_mpi_part();

}  // namespace microgpt
