// The figures as tables, and as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bench/fma_peak.h"
#include "bench/machine.h"
#include "bench/results.h"
#include "bench/sampling.h"

namespace microgpt::bench {

struct CPythonResult {
  std::string file;
  double seconds_a_step;  // of one document
};

struct Report {
  Machine machine;
  FmaPeak peak;
  std::vector<WorkloadResult> workloads;
  std::optional<SamplingTimes> sampling;
  std::optional<CPythonResult> cpython;
};

std::string tables_of(const Report& report);
nlohmann::json json_of(const Report& report);

}  // namespace microgpt::bench
