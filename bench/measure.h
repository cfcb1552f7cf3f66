// SPDX-License-Identifier: MIT
// Measures one workload: all contestants in turn, round after round, so that noise hits all of them alike.
#pragma once

#include <cstddef>
#include <string>

#include "bench/fma_peak.h"
#include "bench/results.h"
#include "bench/workload.h"

namespace microgpt::bench {

struct MeasureOptions {
  std::size_t rounds = 20;
  std::string torch_python;  // empty: without PyTorch
};

// Checks it first: throws Error where a contestant computes something else. The peak is measured along with it.
WorkloadResult measure(const Shape& shape, const MeasureOptions& options, FmaPeak& peak);

}  // namespace microgpt::bench
