// SPDX-License-Identifier: MIT
// The figures as tables, and as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bench/fma_peak.h"
#include "bench/inference.h"
#include "bench/machine.h"
#include "bench/results.h"
#include "report/text_table.h"

namespace microgpt::bench {

inline constexpr auto kLeft = TextTable::Align::left;
inline constexpr auto kRight = TextTable::Align::right;

struct CPythonResult {
  std::string file;
  double seconds_per_step;  // of one document
  double seconds_a_token;   // of samples
};

struct Report {
  Machine machine;
  FmaPeak peak;
  std::vector<WorkloadResult> workloads;
  std::vector<InferenceResult> inference;
  std::optional<CPythonResult> cpython;
};

std::string tables_of(const Report& report);
std::string inference_tables(const Report& report);
nlohmann::json json_of(const Report& report);

}  // namespace microgpt::bench
