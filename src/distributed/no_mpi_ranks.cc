// SPDX-License-Identifier: MIT
#include "distributed/mpi_ranks.h"

namespace microgpt {

std::optional<std::string> mpi_name() { return std::nullopt; }

std::unique_ptr<Ranks> join_mpi_ranks(const MpiOptions&) {
  throw Error("this program is built without MPI: start it without mpirun");
}

}  // namespace microgpt
