// SPDX-License-Identifier: MIT
// What is timed must be right first.
#pragma once

#include "bench/workload.h"

namespace microgpt::bench {

// Throws Error unless, on the workload's first documents, the loss and the gradient of every instruction set, with and without
// prefix sharing, are within 1e-5 of the graph engine's, and all instruction sets give the same bits, there and on a whole
// batch. The graph is slow: large models are compared on fewer documents, and on a shorter one.
void check(const Workload& workload);

}  // namespace microgpt::bench
